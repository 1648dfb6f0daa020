import { useNow } from '../../time/use-now.ts';
import { useZone } from '../../time/use-range.ts';
import { Lasting } from '../../ui/figures.tsx';
import { formatClock } from '../../ui/format.ts';
import { StatusIcon } from '../../ui/status.tsx';
import styles from './breakers.module.css';
import type { State } from './contracts.ts';
import { LOOK, WORD } from './rows.ts';

/** When something ends by itself: "until 14:05:30", with the day when it is another one. */
export function Until({ at }: { readonly at: number }) {
  const now = useNow(60_000);
  const [zone] = useZone();
  return <>until {formatClock(at, now, zone, true)}</>;
}

/** A breaker's state in shape, colour and word; held ones say so, and until when. */
export function BreakerState({
  state,
  forced = false,
  until = null,
}: {
  readonly state: State;
  readonly forced?: boolean;
  readonly until?: number | null;
}) {
  return (
    <span className={styles['state']}>
      <StatusIcon status={LOOK[state]} />
      {WORD[state]}
      {forced && <span className={styles['held']}>held {until !== null && <Until at={until} />}</span>}
    </span>
  );
}

export function Since({ at }: { readonly at: number | null }) {
  return at === null ? <span className={styles['quiet']}>since it is known</span> : <Lasting since={at} />;
}
