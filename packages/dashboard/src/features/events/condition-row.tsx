import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { conditionOf, OPERATORS, type Operator } from './conditions.ts';
import styles from './events.module.css';

const BARE: ReadonlySet<Operator> = new Set(['exists', 'missing']);

/** Makes a condition of a field, a comparison and a value, for those who do not know the language. */
export function ConditionRow({ add }: { readonly add: (condition: string) => void }) {
  const [field, setField] = useState('');
  const [operator, setOperator] = useState<Operator>('>');
  const [value, setValue] = useState('');
  const bare = BARE.has(operator);
  const ready = field.trim() !== '' && (bare || operator === 'unlike' || value !== '');
  const take = (): void => {
    if (!ready) return;
    add(conditionOf(field, operator, value));
    setField('');
    setValue('');
  };
  return (
    <fieldset className={styles['condition']}>
      <legend>Add a condition</legend>
      <TextInput
        size="xs"
        aria-label="Field"
        placeholder="latency, order.total, source…"
        value={field}
        onChange={(event) => setField(event.currentTarget.value)}
      />
      <Select
        size="xs"
        aria-label="Comparison"
        allowDeselect={false}
        data={[...OPERATORS]}
        value={operator}
        onChange={(next) => setOperator(OPERATORS.find((one) => one.value === next)?.value ?? operator)}
      />
      {!bare && (
        <TextInput
          size="xs"
          aria-label="Value"
          placeholder={operator === 'unlike' ? '3 deviations' : 'value'}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            take();
          }}
        />
      )}
      <Button size="xs" variant="default" disabled={!ready} onClick={take}>
        Add
      </Button>
    </fieldset>
  );
}
