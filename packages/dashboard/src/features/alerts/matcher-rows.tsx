import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '../../ui/icons.ts';
import type { ApiMatcher } from './contracts.ts';
import { OPERATORS, operatorOf, withOperator } from './matchers.ts';
import styles from './silences.module.css';

export interface MatcherRowsProps {
  readonly matchers: readonly ApiMatcher[];
  readonly set: (matchers: readonly ApiMatcher[]) => void;
  /** What a new row begins with. */
  readonly empty: ApiMatcher;
}

/** Conditions on labels, a row each; all must hold. */
export function MatcherRows({ matchers, set, empty }: MatcherRowsProps) {
  const change = (at: number, next: ApiMatcher): void =>
    set(matchers.map((matcher, index) => (index === at ? next : matcher)));
  return (
    <fieldset className={styles['matchers']}>
      <legend>Alerts with all of these labels</legend>
      {matchers.map((matcher, at) => (
        // Rows are known by their place alone: two may be equal while they are written.
        <div key={at} className={styles['matcher']}>
          <TextInput
            size="xs"
            aria-label={`Label ${at + 1}`}
            placeholder="alertname"
            value={matcher.name}
            onChange={(event) => change(at, { ...matcher, name: event.currentTarget.value })}
          />
          <NativeSelect
            size="xs"
            aria-label={`Operator ${at + 1}`}
            data={[...OPERATORS]}
            value={operatorOf(matcher)}
            onChange={(event) => {
              const op = OPERATORS.find((one) => one === event.currentTarget.value);
              if (op !== undefined) change(at, withOperator(matcher, op));
            }}
          />
          <TextInput
            size="xs"
            aria-label={`Value ${at + 1}`}
            value={matcher.value}
            onChange={(event) => change(at, { ...matcher, value: event.currentTarget.value })}
          />
          <ActionIcon
            size="md"
            variant="subtle"
            color="gray"
            aria-label={`Without label ${at + 1}`}
            onClick={() => set(matchers.filter((_, index) => index !== at))}
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={12} />}
        onClick={() => set([...matchers, empty])}
      >
        Add a label
      </Button>
    </fieldset>
  );
}
