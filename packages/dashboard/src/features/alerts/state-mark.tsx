import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconBellOff,
  IconClock,
  IconInfoCircle,
  IconMinus,
  IconStack2,
} from '../../ui/icons.ts';
import styles from './alerts.module.css';
import type { Alert, AlertState } from './contracts.ts';

/** How loud an alert is: what needs a person now, what can wait, and what is only told. */
export type Loudness = 'critical' | 'warning' | 'info';

const WARNINGS: ReadonlySet<string> = new Set(['warning', 'warn', 'medium', 'minor', 'p3']);
const INFOS: ReadonlySet<string> = new Set([
  'info',
  'information',
  'notice',
  'low',
  'none',
  'debug',
  'p4',
  'p5',
]);

/** By its label `severity`; one that says nothing is loud. */
export function loudnessOf({ labels }: Pick<Alert, 'labels'>): Loudness {
  const word = (labels['severity'] ?? '').toLowerCase();
  if (WARNINGS.has(word)) return 'warning';
  return INFOS.has(word) ? 'info' : 'critical';
}

const FIRING = { critical: IconAlertOctagon, warning: IconAlertTriangle, info: IconInfoCircle } as const;
const QUIET = {
  pending: IconClock,
  silenced: IconBellOff,
  inhibited: IconMinus,
  folded: IconStack2,
  muted: IconBellOff,
} as const;

export function StateIcon({ state, loudness }: { readonly state: AlertState; readonly loudness: Loudness }) {
  const Icon = state === 'firing' ? FIRING[loudness] : QUIET[state];
  return <Icon size={16} stroke={2} aria-hidden className={styles['stateIcon']} />;
}

/** The state of an alert in shape, colour and word. */
export function StateMark({ alert }: { readonly alert: Alert }) {
  const loudness = loudnessOf(alert);
  return (
    <span className={styles['state']} data-state={alert.state} data-loudness={loudness}>
      <StateIcon state={alert.state} loudness={loudness} />
      {alert.state}
    </span>
  );
}
