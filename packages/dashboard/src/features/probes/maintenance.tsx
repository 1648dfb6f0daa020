import { Button, Checkbox, Modal, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNow } from '../../time/use-now.ts';
import { useZone } from '../../time/use-range.ts';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import type { KnownWindow } from './contracts.ts';
import { DAYS, type Draft, draftOf, EMPTY, problemsOf, windowOf } from './maintenance-draft.ts';
import styles from './probes.module.css';
import { useWindowActions, useWindows } from './use-probes.ts';
import { whenInWords, whomInWords } from './words.ts';

function WindowForm({ known, close }: { readonly known: KnownWindow | null; readonly close: () => void }) {
  const [draft, setDraft] = useState<Draft>(known === null ? EMPTY : draftOf(known.window));
  const { save } = useWindowActions();
  const problems = problemsOf(save.error);
  const set = (change: Partial<Draft>): void => {
    save.reset();
    setDraft((before) => ({ ...before, ...change }));
  };
  const text = (name: 'title' | 'whom' | 'at' | 'duration' | 'time_zone' | 'from' | 'to', label: string) => ({
    size: 'xs' as const,
    label,
    value: draft[name],
    error: problems.get(name === 'whom' ? 'probes' : name),
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      set({ [name]: event.currentTarget.value }),
  });
  return (
    <form
      className={styles['form']}
      aria-label="Maintenance window"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(
          { ...(known === null ? {} : { id: known.id }), window: windowOf(draft) },
          { onSuccess: close },
        );
      }}
    >
      <TextInput {...text('title', 'Title')} required placeholder="Nightly restart" />
      <TextInput
        {...text('whom', 'Probes')}
        description="names, or tags as #nightly, parted by commas; all probes when empty"
      />
      <SegmentedControl
        size="xs"
        aria-label="How often"
        data={[
          { value: 'once', label: 'Once' },
          { value: 'weekly', label: 'Every week' },
        ]}
        value={draft.kind}
        onChange={(kind) => set({ kind: kind === 'weekly' ? 'weekly' : 'once' })}
      />
      {draft.kind === 'once' ? (
        <>
          <TextInput {...text('from', 'From')} type="datetime-local" />
          <TextInput {...text('to', 'To')} type="datetime-local" />
        </>
      ) : (
        <>
          <Checkbox.Group
            label="Days"
            size="xs"
            error={problems.get('days')}
            value={[...draft.days]}
            onChange={(days) => set({ days })}
          >
            <div className={styles['days']}>
              {DAYS.map((day) => (
                <Checkbox key={day} size="xs" value={day} label={day} />
              ))}
            </div>
          </Checkbox.Group>
          <TextInput {...text('at', 'At')} placeholder="02:00" />
          <TextInput {...text('duration', 'For')} placeholder="90m" />
          <TextInput {...text('time_zone', 'Time zone')} placeholder="Europe/Berlin" />
        </>
      )}
      {problems.has('') && (
        <p className={styles['problem']} role="alert">
          {problems.get('')}
        </p>
      )}
      <div className={styles['buttons']}>
        <Button type="submit" size="xs" loading={save.isPending}>
          Save
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={close}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function Row({ known, edit }: { readonly known: KnownWindow; readonly edit: () => void }) {
  const { remove } = useWindowActions();
  const [zone] = useZone();
  const now = useNow(60_000);
  return (
    <tr>
      <td>{known.open ? <span className={styles['mark']}>now</span> : ''}</td>
      <td>{known.window.title}</td>
      <td title={'from' in known.window ? `${known.window.from} to ${known.window.to}` : undefined}>
        {whenInWords(known.window, now, zone)}
      </td>
      <td className={styles['wrap']}>{whomInWords(known.window)}</td>
      <td className={table['right']}>
        {known.configured ? (
          <span className={styles['quiet']}>in the configuration file</span>
        ) : (
          <span className={styles['rowButtons']}>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Edit ${known.window.title}`}
              onClick={edit}
            >
              Edit
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Delete ${known.window.title}`}
              loading={remove.isPending}
              onClick={() => remove.mutate(known.id)}
            >
              Delete
            </Button>
          </span>
        )}
      </td>
    </tr>
  );
}

/** Times in which failures are expected. */
export function Maintenance() {
  const { data, error, refetch } = useWindows();
  const [edited, setEdited] = useState<KnownWindow | 'new' | null>(null);
  if (data === undefined)
    return error === null ? (
      <Bone height={160} />
    ) : (
      <ErrorState what="The maintenance windows" error={error} retry={() => void refetch()} />
    );
  return (
    <>
      <div className={styles['filters']}>
        <Button size="xs" onClick={() => setEdited('new')}>
          New window
        </Button>
      </div>
      {data.windows.length === 0 ? (
        <EmptyState title="No maintenance is planned">
          During a window its probes go on looking, but nothing changes their state, and the time does not
          count against their uptime.
        </EmptyState>
      ) : (
        <div className={table['scroll']} tabIndex={0} role="region" aria-label="Maintenance windows">
          <table className={`${table['table']} ${styles['windows']}`}>
            <thead>
              <tr>
                <th scope="col">Open</th>
                <th scope="col">Title</th>
                <th scope="col">When</th>
                <th scope="col">Probes</th>
                <th scope="col">
                  <span className="sr-only">Change</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.windows.map((known) => (
                <Row key={known.id} known={known} edit={() => setEdited(known)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={edited === 'new' ? 'New maintenance window' : 'Maintenance window'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {edited !== null && (
          <WindowForm known={edited === 'new' ? null : edited} close={() => setEdited(null)} />
        )}
      </Modal>
    </>
  );
}
