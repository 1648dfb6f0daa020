import { MultiSelect, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ALL } from './options.ts';
import type { ResolvedVariable, Variables } from './use-variables.ts';
import styles from './variables.module.css';

export interface VariablesBarProps {
  readonly variables: Variables;
  readonly onChoose: (name: string, values: readonly string[]) => void;
}

/** More options than these are found by typing only. */
const MAX_SHOWN = 200;

/** The choices of a dashboard; what is chosen stands in the address. */
export function VariablesBar({ variables, onChoose }: VariablesBarProps) {
  const shown = variables.list.filter(
    ({ variable }) =>
      variable.hide !== 'variable' && variable.type !== 'constant' && variable.type !== 'datasource',
  );
  if (shown.length === 0 && variables.error === null) return null;
  return (
    <div className={styles['bar']} role="group" aria-label="Variables">
      {shown.map((resolved) => (
        <Choice
          key={resolved.variable.name}
          resolved={resolved}
          onChoose={(values) => onChoose(resolved.variable.name, values)}
        />
      ))}
      {variables.error !== null && (
        <span className={styles['problem']} role="alert">
          Some choices cannot be listed: {variables.error.message}
        </span>
      )}
    </div>
  );
}

function Choice({
  resolved,
  onChoose,
}: {
  readonly resolved: ResolvedVariable;
  readonly onChoose: (values: readonly string[]) => void;
}) {
  const { variable, options, chosen, loading } = resolved;
  const label = variable.hide === 'label' ? undefined : variable.label || variable.name;
  const named = variable.label || variable.name;
  if (variable.type === 'textbox')
    return <Typed key={chosen[0] ?? ''} label={named} value={chosen[0] ?? ''} onChoose={onChoose} />;
  const seen = new Set<string>();
  const data = [
    ...(variable.includeAll === true ? [{ value: ALL, label: 'All' }] : []),
    ...options.map(({ value, text }) => ({ value, label: text })),
  ].filter(({ value }) => value !== '' && !seen.has(value) && seen.add(value));
  const common = {
    label,
    'aria-label': named,
    size: 'xs',
    data,
    searchable: true,
    limit: MAX_SHOWN,
    className: styles['choice'] ?? '',
    nothingFoundMessage: loading ? 'Loading…' : 'Nothing found',
    placeholder: chosen.length === 0 ? (loading ? 'Loading…' : 'none') : '',
  } as const;
  if (variable.multi === true) {
    return (
      <MultiSelect
        {...common}
        value={[...chosen]}
        hidePickedOptions={false}
        onChange={(next) => {
          const added = next.filter((value) => !chosen.includes(value));
          // "All" stands alone.
          onChoose(
            added.includes(ALL) || next.length === 0
              ? variable.includeAll === true
                ? [ALL]
                : []
              : next.filter((value) => value !== ALL),
          );
        }}
      />
    );
  }
  return (
    <Select
      {...common}
      value={chosen[0] ?? null}
      allowDeselect={false}
      onChange={(value) => value !== null && onChoose([value])}
    />
  );
}

function Typed({
  label,
  value,
  onChoose,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChoose: (values: readonly string[]) => void;
}) {
  const [text, setText] = useState(value);
  return (
    <TextInput
      label={label}
      size="xs"
      className={styles['choice'] ?? ''}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => text !== value && onChoose([text])}
      onKeyDown={(event) => event.key === 'Enter' && onChoose([text])}
    />
  );
}
