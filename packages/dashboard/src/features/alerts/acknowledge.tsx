import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { RelativeTime } from '../../ui/figures.tsx';
import { IconCheck } from '../../ui/icons.ts';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './alerts.module.css';
import type { Alert } from './contracts.ts';
import { useAcknowledge, usePageAct } from './oncall/use-on-call.ts';
import { waitingPages } from './paged.ts';

/** Acknowledges whatever waits of some alerts, and says what became of it. */
export function useAcknowledgeAlerts(done: () => void = () => undefined) {
  const { mutate, isPending } = useAcknowledge();
  const acknowledge = (alerts: readonly Alert[]): void => {
    const pages = waitingPages(alerts);
    if (pages.length === 0) {
      toastDone('Nobody is being told of that: there is nothing to acknowledge');
      return;
    }
    mutate(pages, {
      onSuccess: ({ acknowledged, refused }) => {
        const many = acknowledged.length === 1 ? 'One page is' : `${acknowledged.length} pages are`;
        toastDone(
          refused.length === 0
            ? `${many} acknowledged: nobody else is told`
            : `${many} acknowledged, ${refused.length} had ended`,
        );
        done();
      },
      onError: (error) => toastFailed('Nothing is acknowledged', error),
    });
  };
  return { acknowledge, isPending };
}

/** Who is being told of an alert, or who said that it is seen; to acknowledge it and to take that back. */
export function Paged({ alert }: { readonly alert: Alert }) {
  const { acknowledge, isPending } = useAcknowledgeAlerts();
  const doing = usePageAct();
  const done = alert.paged.filter(({ state }) => state === 'acknowledged');
  const isWaiting = waitingPages([alert]).length > 0;
  const takeBack = (): void => {
    for (const { id } of done)
      doing.mutate(
        { id, act: 'unacknowledge' },
        {
          onSuccess: () => toastDone('Taken back: it is told on from where it stood'),
          onError: (error) => toastFailed('It is acknowledged as before', error),
        },
      );
  };
  useHotkeys([
    { keys: 'a', label: 'Acknowledge the alert', group: 'Page', run: () => acknowledge([alert]) },
    { keys: 'u', label: 'Take its acknowledgement back', group: 'Page', run: takeBack },
  ]);
  if (alert.paged.length === 0) return null;
  return (
    <div className={styles['links']}>
      {isWaiting && (
        <>
          <span>
            People are{' '}
            <Link to="/alerts/on-call" search={{}} className={styles['link']}>
              being told
            </Link>
          </span>
          <Button
            size="compact-sm"
            leftSection={<IconCheck size={14} />}
            loading={isPending}
            onClick={() => acknowledge([alert])}
          >
            Acknowledge
          </Button>
        </>
      )}
      {done.map(({ id, acknowledged_by: by, acknowledged_at: at }) => (
        <span key={id} className={styles['ack']}>
          <IconCheck size={14} aria-hidden /> acknowledged by <b>{by}</b>{' '}
          {at !== null && <RelativeTime at={at} />}
        </span>
      ))}
      {done.length > 0 && (
        <Button size="compact-sm" variant="default" loading={doing.isPending} onClick={takeBack}>
          Take back
        </Button>
      )}
    </div>
  );
}
