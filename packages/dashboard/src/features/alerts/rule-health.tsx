import { IconAlertTriangle, IconCircleCheck, IconCircleDashed } from '../../ui/icons.ts';
import type { ListedRule } from './contracts.ts';
import styles from './rules.module.css';

const LOOKS = {
  ok: { Icon: IconCircleCheck, word: 'ok' },
  err: { Icon: IconAlertTriangle, word: 'failing' },
  unknown: { Icon: IconCircleDashed, word: 'not evaluated yet' },
} as const;

/** Whether a rule's last evaluation went well. */
export function HealthWord({ health }: { readonly health: ListedRule['health'] }) {
  const { Icon, word } = LOOKS[health];
  return (
    <span className={styles['health']} data-health={health}>
      <Icon size={14} aria-hidden />
      {word}
    </span>
  );
}
