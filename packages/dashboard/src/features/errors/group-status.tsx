import type { ErrorGroup, GroupStatus } from './contracts.ts';
import styles from './errors.module.css';

const MARKS: Readonly<Record<GroupStatus, string>> = {
  open: '●',
  regressed: '▲',
  ignored: '○',
  resolved: '✓',
};

/** The state of a group as a mark and its word; one that is open is as loud as it is severe. */
export function GroupStatusMark({ status, severity }: Pick<ErrorGroup, 'status' | 'severity'>) {
  return (
    <span className={styles['status']} data-status={status} data-severity={severity}>
      <span aria-hidden>{MARKS[status]}</span> {status}
    </span>
  );
}
