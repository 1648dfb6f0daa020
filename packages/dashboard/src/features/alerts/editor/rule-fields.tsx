import { TextInput } from '@mantine/core';
import type { Draft } from './draft.ts';
import styles from './editor.module.css';
import { ExpressionField } from './expression-field.tsx';
import { PairRows } from './pair-rows.tsx';

export interface RuleFieldsProps {
  readonly draft: Draft;
  readonly set: (part: Partial<Draft>) => void;
  readonly problems: ReadonlyMap<string, string>;
  /** Tries what is written now. */
  readonly run: () => void;
}

/** What a rule is made of. */
export function RuleFields({ draft, set, problems, run }: RuleFieldsProps) {
  const duration = (key: 'for' | 'keep' | 'interval', field: string, label: string, placeholder: string) => (
    <TextInput
      size="xs"
      label={label}
      placeholder={placeholder}
      value={draft[key]}
      error={problems.get(field)}
      onChange={(event) => set({ [key]: event.currentTarget.value })}
    />
  );
  return (
    <>
      <TextInput
        size="xs"
        label="Name"
        placeholder="HighErrorRate"
        required
        value={draft.alert}
        error={problems.get('alert')}
        onChange={(event) => set({ alert: event.currentTarget.value })}
      />
      <ExpressionField draft={draft} set={set} problem={problems.get('expr')} run={run} />
      <div className={styles['times']}>
        {duration('for', 'for', 'It holds for', 'fires at once')}
        {duration('keep', 'keep_firing_for', 'Keeps firing for', 'ends at once')}
        {duration('interval', 'interval', 'Evaluated every', 'as configured')}
      </div>
      <PairRows
        legend="Labels: who is told is decided by them"
        word="Label"
        field="labels"
        pairs={draft.labels}
        set={(labels) => set({ labels })}
        problems={problems}
      />
      <PairRows
        legend="Annotations: what they read; {{ $labels.job }} and {{ $value }} are filled in"
        word="Annotation"
        field="annotations"
        pairs={draft.annotations}
        set={(annotations) => set({ annotations })}
        problems={problems}
      />
      {problems.get('') !== undefined && (
        <p className={styles['wrong']} role="alert">
          {problems.get('')}
        </p>
      )}
    </>
  );
}
