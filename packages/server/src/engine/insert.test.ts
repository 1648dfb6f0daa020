import { expect, test } from 'vitest';
import { renderInsert } from './insert.ts';
import { samplesBlock, samplesTable } from './testing/samples.ts';

test('dictionaries are built from plain values, wherever in a type they stand', () => {
  const columns = [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')" },
    { name: 'labels', type: 'Map(LowCardinality(String), Array(LowCardinality(Nullable(String))))' },
    { name: 'pair', type: 'Tuple(LowCardinality(FixedString(16)), LowCardinality(String))' },
  ];
  const text = renderInsert({ ...samplesBlock([{}]), table: { ...samplesTable, columns } }, '/f');
  expect(text).toContain(
    "'`tenant` String, `ts` DateTime64(3, \\'UTC\\'), `labels` Map(String, Array(Nullable(String))), `pair` Tuple(FixedString(16), String)'",
  );
});
