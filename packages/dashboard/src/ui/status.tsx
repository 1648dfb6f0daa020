import type { Status } from '../api/contracts.ts';
import { IconAlertOctagon, IconAlertTriangle, IconCircleCheck, IconCircleDashed } from './icons.ts';
import styles from './ui.module.css';

/** The worst first, as every list of services sorts. */
export const STATUS_ORDER: Readonly<Record<Status, number>> = {
  unhealthy: 0,
  degraded: 1,
  unknown: 2,
  healthy: 3,
};

const LOOK = {
  healthy: { Icon: IconCircleCheck, word: 'healthy' },
  degraded: { Icon: IconAlertTriangle, word: 'degraded' },
  unhealthy: { Icon: IconAlertOctagon, word: 'unhealthy' },
  unknown: { Icon: IconCircleDashed, word: 'unknown' },
} as const satisfies Record<Status, unknown>;

export function StatusIcon({ status, size = 16 }: { readonly status: Status; readonly size?: number }) {
  const { Icon } = LOOK[status];
  return <Icon size={size} stroke={2} aria-hidden className={`${styles['icon']} ${styles[status]}`} />;
}

/** A state in its colour, shape and word: never the colour alone. */
export function StatusBadge({ status, size = 16 }: { readonly status: Status; readonly size?: number }) {
  return (
    <span className={`${styles['status']} ${styles[status]}`}>
      <StatusIcon status={status} size={size} />
      {LOOK[status].word}
    </span>
  );
}
