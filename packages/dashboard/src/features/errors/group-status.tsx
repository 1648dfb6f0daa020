import type { GroupStatus } from './contracts.ts';
import styles from './errors.module.css';

const MARKS: Readonly<Record<GroupStatus, string>> = {
  open: '●',
  regressed: '▲',
  ignored: '○',
  resolved: '✓',
};

/** The state of a group as a mark and its word. */
export function GroupStatusMark({ status }: { readonly status: GroupStatus }) {
  return (
    <span className={styles['status']} data-status={status}>
      <span aria-hidden>{MARKS[status]}</span> {status}
    </span>
  );
}
