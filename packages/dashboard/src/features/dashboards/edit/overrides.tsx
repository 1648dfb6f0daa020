import { Select, Textarea, TextInput } from '@mantine/core';
import type { Override, Panel } from '../model.ts';
import styles from './edit.module.css';
import { FieldForm } from './field-editor.tsx';
import { Entries, type PartProps } from './parts.tsx';

type By = Override['match']['by'];
const BY: readonly { readonly value: By; readonly label: string; readonly asks: string }[] = [
  { value: 'name', label: 'the name', asks: 'Name' },
  { value: 'names', label: 'one of the names', asks: 'Names, one a line' },
  { value: 'regex', label: 'a name that fits', asks: 'Pattern' },
  { value: 'query', label: 'the query', asks: 'Its letter' },
  { value: 'type', label: 'the type', asks: 'number, string or time' },
];

function titleOf({ match }: Override): string {
  const by = BY.find(({ value }) => value === match.by)?.label ?? match.by;
  return match.value === '' ? 'Override' : `Series with ${by} ${match.value.replaceAll('\n', ', ')}`;
}

/** Settings for some series or columns only, over those of the whole panel; later ones win. */
export function Overrides({ panel, set }: PartProps) {
  return (
    <Entries
      what="override"
      ordered
      entries={panel.overrides}
      onChange={(overrides) => set({ overrides })}
      make={(): Override => ({ match: { by: 'name', value: '' }, set: {} })}
      titleOf={titleOf}
    >
      {(one, change) => <OverrideForm one={one} change={change} type={panel.type} />}
    </Entries>
  );
}

function OverrideForm({
  one,
  change,
  type,
}: {
  readonly one: Override;
  readonly change: (to: Override) => void;
  readonly type: Panel['type'];
}) {
  const { match } = one;
  const asks = BY.find(({ value }) => value === match.by)?.asks ?? 'Value';
  const put = (value: string): void => change({ ...one, match: { ...match, value } });
  return (
    <div className={styles['stack']}>
      <div className={styles['line']}>
        <Select
          size="xs"
          w={150}
          label="Those with"
          allowDeselect={false}
          data={BY.map(({ value, label }) => ({ value, label }))}
          value={match.by}
          onChange={(by) => {
            const known = BY.find(({ value }) => value === by)?.value;
            if (known !== undefined) change({ ...one, match: { ...match, by: known } });
          }}
        />
        {match.by === 'names' ? (
          <Textarea
            size="xs"
            w={260}
            autosize
            label={asks}
            value={match.value}
            onChange={({ currentTarget }) => put(currentTarget.value)}
          />
        ) : (
          <TextInput
            size="xs"
            w={260}
            label={asks}
            value={match.value}
            onChange={({ currentTarget }) => put(currentTarget.value)}
          />
        )}
      </div>
      <FieldForm
        field={one.set}
        type={type}
        own
        change={(to) => change({ ...one, set: { ...one.set, ...to } })}
      />
    </div>
  );
}
