import type { FunctionComponent } from 'react';
import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconBug,
  IconCircleDashed,
  IconDots,
  IconFlame,
  IconInfoCircle,
} from '../../ui/icons.ts';
import styles from './logs.module.css';

interface Look {
  readonly Icon: FunctionComponent<{
    size?: number;
    stroke?: number;
    className?: string;
    'aria-hidden'?: boolean;
  }>;
  readonly color: string;
}

const UNKNOWN: Look = { Icon: IconCircleDashed, color: 'var(--unknown)' };
const LOOK: Readonly<Record<string, Look>> = {
  fatal: { Icon: IconFlame, color: 'var(--s4)' },
  critical: { Icon: IconFlame, color: 'var(--s4)' },
  error: { Icon: IconAlertOctagon, color: 'var(--unhealthy)' },
  warn: { Icon: IconAlertTriangle, color: 'var(--degraded)' },
  info: { Icon: IconInfoCircle, color: 'var(--s1)' },
  debug: { Icon: IconBug, color: 'var(--s8)' },
  trace: { Icon: IconDots, color: 'var(--ink-3)' },
  unknown: UNKNOWN,
};

/** The colours of the levels, for charts. */
export const LEVEL_COLORS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(LOOK).map(([level, { color }]) => [level, color]),
);

/** A level in its colour, shape and word. */
export function Level({ level }: { readonly level: string }) {
  const { Icon, color } = LOOK[level] ?? UNKNOWN;
  return (
    <span className={styles['level']} style={{ color }}>
      <Icon size={14} stroke={2} aria-hidden />
      {level}
    </span>
  );
}
