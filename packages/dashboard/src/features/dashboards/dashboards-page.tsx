import { ActionIcon, Button, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type ChangeEvent, useState } from 'react';
import { useListKeys } from '../../keys/use-list-keys.ts';
import { RelativeTime } from '../../ui/figures.tsx';
import { IconSearch, IconStar, IconStarFilled } from '../../ui/icons.ts';
import pageStyles from '../../ui/page.module.css';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './dashboards.module.css';
import { ImportDialog } from './import-dialog.tsx';
import { matching } from './list.ts';
import { newDashboard, type Summary } from './model.ts';
import { useDashboardActions, useDashboards } from './queries.ts';

export function DashboardsPage() {
  const { data, error, isPending, refetch } = useDashboards();
  const [dialog, setDialog] = useState<'new' | 'import' | null>(null);
  return (
    <>
      <div className={pageStyles['pageHead']}>
        <h1>Dashboards</h1>
        <div className={styles['actions']}>
          <Button size="xs" variant="default" onClick={() => setDialog('import')}>
            Import
          </Button>
          <Button size="xs" onClick={() => setDialog('new')}>
            New dashboard
          </Button>
        </div>
      </div>
      {error !== null && data === undefined && (
        <ErrorState what="The list of dashboards" error={error} retry={() => void refetch()} />
      )}
      {isPending && error === null && (
        <div className={styles['skeleton']}>
          <Bone height={36} />
          <Bone height={220} />
        </div>
      )}
      {data !== undefined && (
        <List
          dashboards={data.dashboards}
          tags={data.tags.map(({ name }) => name)}
          folders={data.folders.map(({ name }) => name)}
        />
      )}
      {dialog === 'import' && <ImportDialog onClose={() => setDialog(null)} />}
      {dialog === 'new' && <NewDialog onClose={() => setDialog(null)} />}
    </>
  );
}

interface ListProps {
  readonly dashboards: readonly Summary[];
  readonly tags: readonly string[];
  readonly folders: readonly string[];
}

/** Below this many nothing has to be searched. */
const MAX_SHOWN = 300;

function List({ dashboards, tags, folders }: ListProps) {
  const search = useSearch({ from: '/dashboards' });
  const navigate = useNavigate();
  const { star } = useDashboardActions();
  const set = (change: Partial<typeof search>): void =>
    void navigate({ to: '.', replace: true, search: (previous) => ({ ...previous, ...change }) });
  const found = matching(dashboards, search);
  const shown = found.slice(0, MAX_SHOWN);
  const selected = useListKeys(shown.length, 'dashboard', (index) => {
    const uid = shown[index]?.uid;
    if (uid !== undefined)
      void navigate({ to: '/dashboards/$uid', params: { uid }, search: (previous) => ({ tz: previous.tz }) });
  });
  const grouped = new Map<string, { readonly entry: Summary; readonly index: number }[]>();
  shown.forEach((entry, index) => {
    const group = entry.starred && search.q === undefined ? 'Favourites' : entry.folder || 'No folder';
    grouped.set(group, [...(grouped.get(group) ?? []), { entry, index }]);
  });
  return (
    <>
      <div className={styles['filters']}>
        <TextInput
          size="xs"
          aria-label="Find a dashboard"
          placeholder="Find by title, tag or folder"
          leftSection={<IconSearch size={14} />}
          value={search.q ?? ''}
          onChange={(event) => set({ q: event.currentTarget.value || undefined })}
        />
        <Select
          size="xs"
          aria-label="Folder"
          placeholder="All folders"
          clearable
          data={[...folders]}
          value={search.folder ?? null}
          onChange={(folder) => set({ folder: folder ?? undefined })}
        />
        <Select
          size="xs"
          aria-label="Tag"
          placeholder="All tags"
          clearable
          searchable
          data={[...tags]}
          value={search.tag ?? null}
          onChange={(tag) => set({ tag: tag ?? undefined })}
        />
        <button
          type="button"
          className={styles['toggle']}
          aria-pressed={search.starred === true}
          onClick={() => set({ starred: search.starred === true ? undefined : true })}
        >
          <IconStar size={14} aria-hidden />
          Favourites
        </button>
      </div>
      {found.length === 0 && (
        <EmptyState title="No dashboard fits">
          {dashboards.length === 0
            ? 'Make one, or import the JSON of a Grafana dashboard.'
            : 'Take a filter away, or look for other words.'}
        </EmptyState>
      )}
      {found.length > shown.length && (
        <p>
          The first {MAX_SHOWN} of {found.length.toLocaleString('en')}; look for words of the title to see
          others.
        </p>
      )}
      {[...grouped].map(([name, entries]) => (
        <section key={name} aria-label={name}>
          <h2 className={styles['folder']}>{name}</h2>
          <ul className={styles['list']}>
            {entries.map(({ entry, index }) => (
              <Entry
                key={entry.uid}
                entry={entry}
                selected={index === selected}
                onStar={() => star.mutate({ uid: entry.uid, on: !entry.starred })}
                onTag={(tag) => set({ tag })}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

interface EntryProps {
  readonly entry: Summary;
  readonly selected: boolean;
  readonly onStar: () => void;
  readonly onTag: (tag: string) => void;
}

function Entry({ entry, selected, onStar, onTag }: EntryProps) {
  return (
    <li data-selected={selected}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Favourite: ${entry.title}`}
        aria-pressed={entry.starred}
        onClick={onStar}
      >
        {entry.starred ? <IconStarFilled size={16} /> : <IconStar size={16} />}
      </ActionIcon>
      <Link
        to="/dashboards/$uid"
        params={{ uid: entry.uid }}
        search={(previous) => ({ tz: previous.tz })}
        className={styles['entry']}
      >
        <strong>{entry.title}</strong>
        {entry.description !== '' && <span className={styles['what']}>{entry.description}</span>}
        <small>
          {entry.panels} {entry.panels === 1 ? 'panel' : 'panels'}
          {entry.savedAt > 0 && (
            <>
              , saved <RelativeTime at={entry.savedAt} /> {entry.savedBy === '' ? '' : `by ${entry.savedBy}`}
            </>
          )}
        </small>
      </Link>
      <span className={styles['tags']}>
        {entry.tags.slice(0, 4).map((tag) => (
          <button
            key={tag}
            type="button"
            className={styles['tag']}
            aria-label={`Only tagged ${tag}`}
            onClick={() => onTag(tag)}
          >
            {tag}
          </button>
        ))}
      </span>
    </li>
  );
}

function NewDialog({ onClose }: { readonly onClose: () => void }) {
  const { create } = useDashboardActions();
  const navigate = useNavigate();
  const [title, setTitle] = useState('');
  const [about, setAbout] = useState('');
  const set =
    (change: (text: string) => void) => (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      change(event.currentTarget.value);
  return (
    <Modal opened onClose={onClose} title="New dashboard" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        className={styles['skeleton']}
        onSubmit={(event) => {
          event.preventDefault();
          const made = newDashboard(title.trim());
          create.mutate(
            {
              dashboard: typeof made === 'object' && made !== null ? { ...made, description: about } : made,
              message: 'made',
            },
            {
              onSuccess: ({ dashboard }) => {
                toastDone('The dashboard is there; choose Edit to add panels');
                void navigate({
                  to: '/dashboards/$uid',
                  params: { uid: dashboard.uid },
                  search: (previous) => ({ tz: previous.tz }),
                });
              },
              onError: (error) => toastFailed('The dashboard was not made', error),
            },
          );
        }}
      >
        <TextInput data-autofocus required label="Title" value={title} onChange={set(setTitle)} />
        <Textarea label="What it is for" autosize minRows={2} value={about} onChange={set(setAbout)} />
        <Button type="submit" loading={create.isPending} disabled={title.trim() === ''}>
          Make it
        </Button>
      </form>
    </Modal>
  );
}
