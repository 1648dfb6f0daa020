import { NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Definition } from '../contracts.ts';
import type { Field } from './fields.ts';
import { valueAt, withValue } from './paths.ts';

export interface FieldProps {
  readonly field: Field;
  readonly definition: Definition;
  readonly change: (to: Definition) => void;
  readonly problem: string | undefined;
}

/** One setting of a definition, with what the server said of it. */
export function FieldInput({ field, definition, change, problem }: FieldProps) {
  const value = valueAt(definition, field.path);
  const set = (to: unknown): void => change(withValue(definition, field.path, to));
  const common = {
    size: 'xs' as const,
    label: field.label,
    error: problem,
    ...(field.hint === undefined ? {} : { description: field.hint }),
    ...(field.placeholder === undefined ? {} : { placeholder: field.placeholder }),
  };
  switch (field.kind) {
    case 'switch':
      return (
        <Switch
          size="xs"
          label={field.label}
          error={problem}
          checked={typeof value === 'boolean' ? value : field.initially}
          onChange={(event) => set(event.currentTarget.checked)}
        />
      );
    case 'select': {
      const chosen = typeof value === 'string' ? value : field.initially;
      return (
        <Select
          {...common}
          allowDeselect={false}
          data={[...new Set([...field.options, chosen])]}
          value={chosen}
          onChange={(next) => set(next ?? undefined)}
        />
      );
    }
    case 'number':
      return (
        <NumberInput
          {...common}
          min={0}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => set(typeof next === 'number' ? next : undefined)}
        />
      );
    case 'secret':
      return (
        <PasswordInput
          {...common}
          autoComplete="off"
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => set(event.currentTarget.value || undefined)}
        />
      );
    case 'lines':
      return <LinesInput field={field} value={value} set={set} common={common} problem={problem} />;
    case 'text':
      return (
        <TextInput
          {...common}
          required={field.required ?? false}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => set(event.currentTarget.value || undefined)}
        />
      );
  }
}

function LinesInput({
  field,
  value,
  set,
  common,
  problem,
}: {
  readonly field: Extract<Field, { readonly kind: 'lines' }>;
  readonly value: unknown;
  readonly set: (to: unknown) => void;
  readonly common: { readonly size: 'xs'; readonly label: string };
  readonly problem: string | undefined;
}) {
  const [text, setText] = useState(() => field.format.write(value));
  const [own, setOwn] = useState<string | null>(null);
  // What lines cannot say stays as it is.
  const [fixed] = useState(() => !saysAll(field, value));
  return (
    <Textarea
      {...common}
      autosize
      minRows={1}
      maxRows={8}
      disabled={fixed}
      {...(fixed ? { description: 'cannot be shown as lines: change it over the API' } : {})}
      error={own ?? problem}
      value={text}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        try {
          set(field.format.read(next));
          setOwn(null);
        } catch (error) {
          setOwn(error instanceof Error ? error.message : String(error));
        }
      }}
    />
  );
}

/** Whether the lines of a value are read as that value again. */
function saysAll({ format }: Extract<Field, { readonly kind: 'lines' }>, value: unknown): boolean {
  const shown = format.write(value);
  if (shown === '') return true;
  try {
    return JSON.stringify(sorted(format.read(shown))) === JSON.stringify(sorted(value));
  } catch {
    return false;
  }
}

/** With the names of objects in order; false switches are left out, as they are when nothing is written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== false)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
