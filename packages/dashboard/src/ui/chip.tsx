import { Button } from '@mantine/core';
import type { Status } from '../api/contracts.ts';
import { StatusIcon } from './status.tsx';
import styles from './ui.module.css';

interface StateChipProps {
  readonly count: number;
  readonly word: string;
  /** How the state looks; none for a state that is neither good nor bad. */
  readonly look: Status | null;
  readonly chosen: boolean;
  readonly toggle: () => void;
}

/** A filter by one state, with how many are in it; nothing where there are none and it is not chosen. */
export function StateChip({ count, word, look, chosen, toggle }: StateChipProps) {
  if (count === 0 && !chosen) return null;
  return (
    <Button
      size="compact-sm"
      variant="default"
      className={styles['chip'] ?? ''}
      data-chosen={chosen}
      aria-pressed={chosen}
      onClick={toggle}
      leftSection={look === null ? null : <StatusIcon status={look} size={14} />}
    >
      {count.toLocaleString('en')} {word}
    </Button>
  );
}
