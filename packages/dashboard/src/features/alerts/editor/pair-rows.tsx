import { ActionIcon, Button, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '../../../ui/icons.ts';
import type { Pair } from './draft.ts';
import styles from './editor.module.css';

/** Names with a text each, a row for each. */
export function PairRows({
  legend,
  word,
  field,
  pairs,
  set,
  problems,
}: {
  readonly legend: string;
  /** What one of them is called: "Label". */
  readonly word: string;
  /** As the server names it in problems: `labels`. */
  readonly field: string;
  readonly pairs: readonly Pair[];
  readonly set: (pairs: readonly Pair[]) => void;
  readonly problems: ReadonlyMap<string, string>;
}) {
  const change = (at: number, next: Pair): void =>
    set(pairs.map((pair, index) => (index === at ? next : pair)));
  return (
    <fieldset className={styles['pairs']}>
      <legend>{legend}</legend>
      {pairs.map((pair, at) => (
        // Rows are known by their place alone: two may be equal while they are written.
        <div key={at} className={styles['pair']}>
          <TextInput
            size="xs"
            aria-label={`${word} ${at + 1}`}
            placeholder="name"
            value={pair.name}
            onChange={(event) => change(at, { ...pair, name: event.currentTarget.value })}
          />
          <Textarea
            size="xs"
            aria-label={`Text of ${word.toLowerCase()} ${pair.name || at + 1}`}
            autosize
            minRows={1}
            maxRows={6}
            value={pair.text}
            error={problems.get(`${field}.${pair.name.trim()}`)}
            onChange={(event) => change(at, { ...pair, text: event.currentTarget.value })}
          />
          <ActionIcon
            size="md"
            variant="subtle"
            color="gray"
            aria-label={`Without ${word.toLowerCase()} ${pair.name || at + 1}`}
            onClick={() => set(pairs.filter((_, index) => index !== at))}
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      {problems.get(field) !== undefined && (
        <p className={styles['wrong']} role="alert">
          {problems.get(field)}
        </p>
      )}
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={12} />}
        onClick={() => set([...pairs, { name: '', text: '' }])}
      >
        Add {word.toLowerCase() === 'annotation' ? 'an annotation' : 'a label'}
      </Button>
    </fieldset>
  );
}
