import { Lasting } from '../../ui/figures.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import styles from './breakers.module.css';
import type { State } from './contracts.ts';
import { LOOK, WORD } from './rows.ts';

/** A breaker's state in shape, colour and word; held ones say so. */
export function BreakerState({
  state,
  forced = false,
}: {
  readonly state: State;
  readonly forced?: boolean;
}) {
  return (
    <span className={styles['state']}>
      <StatusIcon status={LOOK[state]} />
      {WORD[state]}
      {forced && <span className={styles['held']}>held</span>}
    </span>
  );
}

export function Since({ at }: { readonly at: number | null }) {
  return at === null ? <span className={styles['quiet']}>since it is known</span> : <Lasting since={at} />;
}
