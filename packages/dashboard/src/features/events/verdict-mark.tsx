import type { Status as Health } from '../../api/contracts.ts';
import { StatusIcon } from '../../ui/status.tsx';
import type { Decision, Status } from './contracts.ts';
import styles from './events.module.css';

export const LOOK: Readonly<Record<Status, Health>> = {
  NORMAL: 'healthy',
  WARNING: 'degraded',
  CRITICAL: 'unhealthy',
};
export const WORD: Readonly<Record<Status, string>> = {
  NORMAL: 'normal',
  WARNING: 'warning',
  CRITICAL: 'critical',
};

/** What the sender of an event is told to do. */
export const DECISION_MEANS: Readonly<Record<Decision, string>> = {
  CONTINUE: 'go on',
  RETRY: 'try the operation again',
  REPROCESS: 'process the data again',
  ESCALATE: 'call people',
  HALT: 'stop the system',
};

/** The status of a verdict in shape, colour and word. */
export function VerdictMark({ status }: { readonly status: Status }) {
  return (
    <span className={styles['mark']} data-status={status}>
      <StatusIcon status={LOOK[status]} size={14} />
      {WORD[status]}
    </span>
  );
}

export function DecisionWord({ decision }: { readonly decision: Decision }) {
  return (
    <span className={styles['decision']} data-decision={decision} title={DECISION_MEANS[decision]}>
      {decision.toLowerCase()}
    </span>
  );
}
