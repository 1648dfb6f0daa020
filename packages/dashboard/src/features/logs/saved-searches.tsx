import { ActionIcon, Button, Modal, Popover, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { rangeOf } from '../../time/range.ts';
import { useTimeRange } from '../../time/use-range.ts';
import { IconNote, IconStar, IconTrash } from '../../ui/icons.ts';
import { Bone, ErrorLine } from '../../ui/states.tsx';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './logs.module.css';
import type { LogQuery } from './use-log-query.ts';

const PATH = 'api/v1/logs/searches';
const savedSchema = z.object({
  id: z.string(),
  name: z.string(),
  query: z.string(),
  range: z.string().optional(),
  savedAt: z.number(),
  savedBy: z.string(),
  version: z.number(),
});
type Saved = z.infer<typeof savedSchema>;
const KEY = ['log-searches'] as const;

interface Draft {
  readonly name: string;
  readonly query: string;
  readonly range?: string | undefined;
}

/** What the team keeps on the server, and what may be done with it. */
function useSaved(isOpen: boolean) {
  const client = useQueryClient();
  const list = useQuery({
    enabled: isOpen,
    retry: false,
    queryKey: KEY,
    queryFn: async ({ signal }) =>
      (await request(PATH, z.object({ searches: z.array(savedSchema) }), { signal })).searches,
  });
  const stale = () => client.invalidateQueries({ queryKey: KEY });
  const create = useMutation({
    mutationFn: (body: Draft) => request(PATH, savedSchema, { method: 'POST', body }),
    onSuccess: stale,
  });
  const rename = useMutation({
    mutationFn: ({ id, query, range, version, name }: Saved) =>
      request(`${PATH}/${id}`, savedSchema, { method: 'PUT', body: { name, query, range, version } }),
    onSuccess: stale,
  });
  const remove = useMutation({
    mutationFn: ({ id }: Saved) => request(`${PATH}/${id}`, z.null(), { method: 'DELETE' }),
    onSuccess: stale,
  });
  return { list, create, rename, remove };
}

interface NameFormProps {
  readonly title: string;
  readonly first: string;
  readonly error: Error | null;
  readonly busy: boolean;
  readonly save: (name: string) => void;
  readonly close: () => void;
}

function NameForm({ title, first, error, busy, save, close }: NameFormProps) {
  const [name, setName] = useState(first);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() !== '') save(name.trim());
  };
  return (
    <Modal opened onClose={close} title={title} size="sm">
      <form onSubmit={submit} className={styles['nameForm']}>
        <TextInput
          label="Name"
          maxLength={200}
          data-autofocus
          value={name}
          error={error?.message}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" loading={busy} disabled={name.trim() === ''}>
          Save
        </Button>
      </form>
    </Modal>
  );
}

interface ListProps {
  readonly saved: ReturnType<typeof useSaved>;
  readonly open: (search: Saved) => void;
  readonly rename: (search: Saved) => void;
}

function SavedList({ saved: { list, remove }, open, rename }: ListProps) {
  const [needle, setNeedle] = useState('');
  const { data, error } = list;
  if (error !== null) return <ErrorLine what="Saved searches" error={error} />;
  if (data === undefined) return <Bone height={60} />;
  if (data.length === 0)
    return <p className={styles['quiet']}>Nothing is saved yet. What is saved here, the whole team sees.</p>;
  const words = needle.trim().toLowerCase();
  const shown = data.filter(({ name, query }) => `${name} ${query}`.toLowerCase().includes(words));
  return (
    <>
      {data.length > 8 && (
        <TextInput
          size="xs"
          aria-label="Find a saved search"
          placeholder="Find a saved search"
          value={needle}
          onChange={(event) => setNeedle(event.currentTarget.value)}
        />
      )}
      <ul className={styles['savedList']} aria-label="Saved searches">
        {shown.map((search) => (
          <li key={search.id}>
            <button type="button" className={styles['savedOpen']} onClick={() => open(search)}>
              <strong>{search.name}</strong>
              <code>{search.query}</code>
            </button>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={`Rename ${search.name}`}
              onClick={() => rename(search)}
            >
              <IconNote size={14} />
            </ActionIcon>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={`Remove ${search.name}`}
              loading={remove.isPending && remove.variables?.id === search.id}
              onClick={() =>
                remove.mutate(search, {
                  onSuccess: () => toastDone(`"${search.name}" is removed`),
                  onError: (cause) => toastFailed(`"${search.name}" could not be removed`, cause),
                })
              }
            >
              <IconTrash size={14} />
            </ActionIcon>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Searches that the team keeps: opened, saved under a name, renamed, removed. */
export function SavedSearches({ log }: { readonly log: LogQuery }) {
  const [range] = useTimeRange();
  const [isOpen, setOpen] = useState(false);
  /** What is being named: the present query, or a saved search. */
  const [naming, setNaming] = useState<'new' | Saved | null>(null);
  const saved = useSaved(isOpen);
  useHotkeys([{ keys: 's', label: 'Saved searches', group: 'Page', run: () => setOpen(!isOpen) }]);
  const done = (name: string): void => {
    setNaming(null);
    toastDone(`"${name}" is saved`);
  };
  const save = (name: string): void => {
    const own = { name, query: log.query, ...(range.kind === 'relative' ? { range: range.range } : {}) };
    if (naming === 'new') saved.create.mutate(own, { onSuccess: () => done(name) });
    else if (naming !== null) saved.rename.mutate({ ...naming, name }, { onSuccess: () => done(name) });
  };
  const nameIt = (what: 'new' | Saved): void => {
    saved.create.reset();
    saved.rename.reset();
    setOpen(false);
    setNaming(what);
  };
  return (
    <>
      <Popover opened={isOpen} onChange={setOpen} position="bottom-start" width={360} trapFocus withinPortal>
        <Popover.Target>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconStar size={14} />}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            Saved
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Saved searches">
          <div className={styles['saved']}>
            <Button size="compact-sm" variant="default" onClick={() => nameIt('new')}>
              Save this search…
            </Button>
            <SavedList
              saved={saved}
              rename={nameIt}
              open={({ query, range: kept }) => {
                setOpen(false);
                log.open(query, kept === undefined ? undefined : rangeOf({ range: kept }));
              }}
            />
          </div>
        </Popover.Dropdown>
      </Popover>
      {naming !== null && (
        <NameForm
          title={naming === 'new' ? 'Save this search' : `Rename "${naming.name}"`}
          first={naming === 'new' ? '' : naming.name}
          error={naming === 'new' ? saved.create.error : saved.rename.error}
          busy={saved.create.isPending || saved.rename.isPending}
          save={save}
          close={() => setNaming(null)}
        />
      )}
    </>
  );
}
