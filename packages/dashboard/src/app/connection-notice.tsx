import { Button } from '@mantine/core';
import { ApiError } from '../api/client.ts';
import { useHealth } from '../api/queries.ts';
import { useLive } from '../live/provider.tsx';
import { useNow } from '../time/use-now.ts';
import { useZone } from '../time/use-range.ts';
import { formatClock, formatDuration } from '../ui/format.ts';
import { IconPlugConnectedX } from '../ui/icons.ts';
import styles from './shell.module.css';

/** Says when what the page shows is no longer the present: a frozen page must never look healthy. */
export function ConnectionNotice() {
  const { connection, retryAt, retryNow, paused } = useLive();
  const health = useHealth();
  const now = useNow(1000);
  const [zone] = useZone();
  const cut = connection === 'retrying' || (connection !== 'live' && health.isError);
  if (paused || !cut || (health.isPending && !health.isError)) return null;
  const broken = health.error instanceof ApiError && health.error.kind === 'broken';
  const wait = retryAt === null ? null : Math.max(0, retryAt - now);
  return (
    <div className={styles['notice']} role="status">
      <IconPlugConnectedX size={16} aria-hidden />
      <span>
        {broken ? 'Pharos answers with errors' : 'Connection to Pharos lost'},{' '}
        {wait === null || wait < 1000 ? 'retrying now' : `retrying in ${formatDuration(wait)}`}.
        {health.data !== undefined &&
          ` What you see is from ${formatClock(health.dataUpdatedAt, now, zone, true)}.`}
      </span>
      <Button size="compact-xs" variant="default" onClick={retryNow}>
        Retry now
      </Button>
    </div>
  );
}
