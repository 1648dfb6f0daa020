import { NumberInput, Select, TextInput } from '@mantine/core';
import type { Mapping } from '../model.ts';
import styles from './edit.module.css';
import { ColorSelect, Entries, toNumber } from './parts.tsx';

const TYPES = [
  { value: 'value', label: 'The value' },
  { value: 'range', label: 'Values from, to' },
  { value: 'regex', label: 'Text that fits' },
  { value: 'special', label: 'What is special' },
] as const;
const SPECIALS = [
  { value: 'null+nan', label: 'no value' },
  { value: 'nan', label: 'not a number' },
  { value: 'null', label: 'null' },
  { value: 'empty', label: 'empty text' },
  { value: 'true', label: 'true' },
  { value: 'false', label: 'false' },
] as const;

/** A mapping of the kind, with what the one before said. */
function ofType(type: string, { text, color }: Mapping): Mapping {
  const shown = { ...(text === undefined ? {} : { text }), ...(color === undefined ? {} : { color }) };
  switch (type) {
    case 'range':
      return { type: 'range', from: null, to: null, ...shown };
    case 'regex':
      return { type: 'regex', pattern: '', ...shown };
    case 'special':
      return { type: 'special', match: 'null+nan', ...shown };
    default:
      return { type: 'value', value: '', ...shown };
  }
}

function Condition({ one, change }: { readonly one: Mapping; readonly change: (to: Mapping) => void }) {
  if (one.type === 'range')
    return (
      <>
        <NumberInput
          size="xs"
          w={90}
          label="From"
          value={one.from ?? ''}
          onChange={(value) => change({ ...one, from: toNumber(value) ?? null })}
        />
        <NumberInput
          size="xs"
          w={90}
          label="To"
          value={one.to ?? ''}
          onChange={(value) => change({ ...one, to: toNumber(value) ?? null })}
        />
      </>
    );
  if (one.type === 'special')
    return (
      <Select
        size="xs"
        w={130}
        label="Which"
        allowDeselect={false}
        data={SPECIALS}
        value={one.match ?? 'null+nan'}
        onChange={(match) => match !== null && change({ ...one, match })}
      />
    );
  const isText = one.type === 'regex';
  return (
    <TextInput
      size="xs"
      w={130}
      label={isText ? 'Pattern' : 'Value'}
      value={(isText ? one.pattern : one.value) ?? ''}
      onChange={({ currentTarget }) =>
        change(isText ? { ...one, pattern: currentTarget.value } : { ...one, value: currentTarget.value })
      }
    />
  );
}

/** Values that are shown as words or in a colour of their own. */
export function Mappings({
  mappings,
  onChange,
}: {
  readonly mappings: readonly Mapping[];
  readonly onChange: (mappings: Mapping[]) => void;
}) {
  return (
    <Entries
      what="value mapping"
      entries={mappings}
      onChange={onChange}
      make={(): Mapping => ({ type: 'value', value: '1', text: 'up', color: 'green' })}
    >
      {(one, change) => (
        <div className={styles['line']}>
          <Select
            size="xs"
            w={130}
            label="Shown for"
            allowDeselect={false}
            data={TYPES}
            value={one.type}
            onChange={(type) => change(ofType(type ?? 'value', one))}
          />
          <Condition one={one} change={change} />
          <TextInput
            size="xs"
            w={130}
            label="As the words"
            value={one.text ?? ''}
            onChange={({ currentTarget }) => change({ ...one, text: currentTarget.value })}
          />
          <ColorSelect
            label="In the colour"
            value={one.color ?? 'text'}
            onChange={(color) => change({ ...one, color })}
          />
        </div>
      )}
    </Entries>
  );
}
