import { Button, Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useHotkeys } from '../../../keys/hotkeys.tsx';
import { IconPlus } from '../../../ui/icons.ts';
import { Bone, EmptyState, ErrorState } from '../../../ui/states.tsx';
import { SureButton } from '../../../ui/sure-button.tsx';
import { toastDone, toastFailed } from '../../../ui/toast.ts';
import styles from '../alerts.module.css';
import { Coming } from '../coming.tsx';
import { Head } from '../head.tsx';
import ofSilences from '../silences.module.css';
import type { KnownWindow } from './contracts.ts';
import { inOrder, rhythmOf } from './draft.ts';
import { useEndWindow, useWindows } from './use-maintenance.ts';
import { WindowForm } from './window-form.tsx';

const COMMAND = `printf 'alertmanager:\\n  maintenance: [{name: patches, matchers: [\\'service="order"\\'], at: "02:00", duration: 2h, days: [sun]}]\\n' >> pharos.yaml`;

function When({ known: { open_until: open, opens_at: opens } }: { readonly known: KnownWindow }) {
  if (open !== null)
    return (
      <b>
        ends <Coming at={open} />
      </b>
    );
  return opens === null ? (
    <span className={styles['quiet']}>over</span>
  ) : (
    <>
      opens <Coming at={opens} />
    </>
  );
}

function Row({ known }: { readonly known: KnownWindow }) {
  const end = useEndWindow();
  const { window, id, configured } = known;
  const isOpen = known.open_until !== null;
  return (
    <li className={ofSilences['silence']}>
      <div className={styles['what']}>
        <span>
          <b>{window.name}</b>{' '}
          <span className={ofSilences['silenceMatchers']}>{window.matchers.join(', ')}</span>
        </span>
        <span className={styles['quiet']}>{rhythmOf(known)}</span>
      </div>
      <span className={styles['when']}>
        <When known={known} />
      </span>
      <div className={styles['buttons']}>
        {configured ? (
          <span className={styles['quiet']}>in the configuration file</span>
        ) : (
          <SureButton
            label={isOpen ? 'End' : 'Delete'}
            sure={isOpen ? 'End for good' : 'Delete now'}
            name={window.name}
            busy={end.isPending}
            act={() =>
              end.mutate(id, {
                onSuccess: () => toastDone(`${window.name} is gone: its alerts are told of again`),
                onError: (error) => toastFailed('The window is as it was', error),
              })
            }
          />
        )}
      </div>
    </li>
  );
}

/** Times in which some alerts are expected: which, when, and what is open now. */
export function MaintenancePage() {
  const { data, error, refetch } = useWindows();
  const [isNew, setNew] = useState(false);
  const windows = useMemo(() => inOrder(data?.windows ?? []), [data]);
  useHotkeys([{ keys: 'n', label: 'New maintenance window', group: 'Page', run: () => setNew(true) }]);
  if (error !== null && data === undefined)
    return <ErrorState what="The maintenance windows" error={error} retry={() => void refetch()} />;
  const open = windows.filter((one) => one.open_until !== null).length;
  return (
    <>
      <Head
        title="Maintenance"
        actions={
          <Button size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setNew(true)}>
            New window
          </Button>
        }
      >
        {data === undefined ? '' : open === 0 ? 'no window is open' : `${open.toLocaleString('en')} open now`}
      </Head>
      {data === undefined && <Bone height={160} />}
      {data?.windows.length === 0 && (
        <EmptyState title="No maintenance is planned" command={COMMAND}>
          While a window is open nobody is told of the alerts it names: once, or every week at the same time.
          For a single time that has begun already, <Link to="/alerts/silences">a silence</Link> does as well.
        </EmptyState>
      )}
      {windows.length > 0 && (
        <ul className={styles['plain']}>
          {windows.map((known) => (
            <Row key={known.id} known={known} />
          ))}
        </ul>
      )}
      <Drawer
        opened={isNew}
        onClose={() => setNew(false)}
        position="right"
        title="New maintenance window"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {isNew && <WindowForm close={() => setNew(false)} />}
      </Drawer>
    </>
  );
}
