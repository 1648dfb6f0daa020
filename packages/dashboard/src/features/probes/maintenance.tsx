import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNow } from '../../time/use-now.ts';
import { useZone } from '../../time/use-range.ts';
import { MaintenanceForm } from '../../ui/forms/maintenance-form.tsx';
import { fieldsBy, problemsOf } from '../../ui/forms/problems.ts';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import type { KnownWindow } from './contracts.ts';
import { type Draft, draftOf, freshDraft, missingOf, windowOf } from './maintenance-draft.ts';
import styles from './probes.module.css';
import { useWindowActions, useWindows } from './use-probes.ts';
import { whenInWords, whomInWords } from './words.ts';

const fieldOf = fieldsBy(
  new Map([
    ['title', 'title'],
    ['probes', 'whom'],
    ['tags', 'whom'],
    ['from', 'from'],
    ['to', 'until'],
    ['days', 'days'],
    ['at', 'at'],
    ['duration', 'duration'],
    ['time_zone', 'timeZone'],
  ]),
);
const TITLE = { label: 'Title', example: 'Nightly restart' };

function WindowForm({ known, close }: { readonly known: KnownWindow | null; readonly close: () => void }) {
  const [draft, setDraft] = useState<Draft>(() =>
    known === null ? freshDraft(Date.now()) : draftOf(known.window, Date.now()),
  );
  const { save } = useWindowActions();
  const problems = problemsOf(save.error, fieldOf);
  const set = (change: Partial<Draft>): void => {
    save.reset();
    setDraft((before) => ({ ...before, ...change }));
  };
  return (
    <MaintenanceForm
      draft={draft}
      set={set}
      title={TITLE}
      missing={missingOf(draft)}
      problems={problems}
      busy={save.isPending}
      save={() =>
        save.mutate(
          { ...(known === null ? {} : { id: known.id }), window: windowOf(draft) },
          { onSuccess: close },
        )
      }
      cancel={close}
    >
      <TextInput
        size="xs"
        label="Probes"
        description="names, or tags as #nightly, parted by commas; all probes when empty"
        value={draft.whom}
        error={problems.at.get('whom')}
        onChange={(event) => set({ whom: event.currentTarget.value })}
      />
    </MaintenanceForm>
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
