import { expect, test } from 'vitest';
import { renderCreateTable, renderMigration } from './ddl.ts';
import { columnsOf, schemaVersionOf, type TableSpec } from './tables.ts';
import { samplesTable } from './testing/samples.ts';

const grown: TableSpec = {
  ...samplesTable,
  columns: [
    ...samplesTable.columns,
    { name: 'start', type: "DateTime64(3, 'UTC')", since: 2, default: 'ts', codec: 'ZSTD(1)' },
    { name: 'kind', type: 'UInt8', since: 3 },
  ],
  derived: [{ name: 'half', type: 'Float64', from: 'value / 2', since: 3, codec: 'ZSTD(1)' }],
  indexes: ['kinds kind TYPE minmax'],
  settings: { index_granularity: 1_024 },
};

test('the table as one statement', () => {
  expect(renderCreateTable(grown, 'embedded')).toBe(
    [
      'CREATE TABLE IF NOT EXISTS pharos.`samples` (',
      '  `tenant` LowCardinality(String),',
      '  `id` UInt64,',
      "  `ts` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(3)),",
      '  `value` Float64,',
      "  `start` DateTime64(3, 'UTC') DEFAULT ts CODEC(ZSTD(1)),",
      '  `kind` UInt8,',
      '  `half` Float64 MATERIALIZED value / 2 CODEC(ZSTD(1)),',
      '  INDEX kinds kind TYPE minmax',
      ') ENGINE = MergeTree PARTITION BY toDate(`ts`)',
      'ORDER BY (tenant, id, ts)',
      'SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1, min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 20, index_granularity = 1024',
    ].join('\n'),
  );
});

test('a day can be cut further', () => {
  expect(renderCreateTable({ ...samplesTable, partitionBy: ['id'] }, 'embedded')).toContain(
    ') ENGINE = MergeTree PARTITION BY (toDate(`ts`), `id`)\n',
  );
});

test('a migration only adds, from the recorded version on', () => {
  expect(schemaVersionOf(grown)).toBe(3);
  expect(renderMigration(grown, 2, 'embedded')).toEqual([
    'ALTER TABLE pharos.`samples` ADD COLUMN IF NOT EXISTS `kind` UInt8',
    'ALTER TABLE pharos.`samples` ADD COLUMN IF NOT EXISTS `half` Float64 MATERIALIZED value / 2 CODEC(ZSTD(1))',
    'ALTER TABLE pharos.`samples` ADD INDEX IF NOT EXISTS kinds kind TYPE minmax',
  ]);
  expect(renderMigration(grown, 3, 'embedded')).toEqual([]);
});

test('a migration drops the indexes that were retired since', () => {
  const spec = { ...samplesTable, indexes: ['fresh id TYPE minmax'], retired: [{ name: 'stale', since: 2 }] };
  expect(schemaVersionOf(spec)).toBe(2);
  expect(columnsOf(spec, 2)).toEqual(samplesTable.columns);
  expect(renderCreateTable(spec, 'embedded')).not.toContain('stale');
  expect(renderMigration(spec, 1, 'embedded')).toEqual([
    'ALTER TABLE pharos.`samples` ADD INDEX IF NOT EXISTS fresh id TYPE minmax',
    'ALTER TABLE pharos.`samples` DROP INDEX IF EXISTS `stale`',
  ]);
  expect(renderMigration(spec, 2, 'embedded')).toEqual([]);
});

test('a migration adds indexes that came without a column', () => {
  const spec = { ...samplesTable, indexes: ['fresh id TYPE minmax'], indexesSince: 2 };
  expect(schemaVersionOf(spec)).toBe(2);
  expect(renderMigration(spec, 1, 'embedded')).toEqual([
    'ALTER TABLE pharos.`samples` ADD INDEX IF NOT EXISTS fresh id TYPE minmax',
  ]);
  expect(renderMigration(spec, 2, 'embedded')).toEqual([]);
});

test('an index of our own says of rows from before it that they may hold anything', () => {
  const index: TableSpec = { ...samplesTable, name: 'whereabouts' };
  const spec = {
    ...samplesTable,
    index: {
      table: index,
      since: 2,
      forOlder: ['tenant', '0', 'min(ts)', '1'],
      *rowsOf() {
        yield null;
      },
    },
  };
  expect(schemaVersionOf(spec)).toBe(2);
  expect(renderMigration(spec, 1, 'embedded')).toEqual([
    'INSERT INTO pharos.`whereabouts` (`tenant`, `id`, `ts`, `value`) SELECT tenant, 0, min(ts), 1 FROM pharos.`samples` GROUP BY tenant, toDate(`ts`) SETTINGS max_partitions_per_insert_block = 0',
  ]);
  expect(renderMigration(spec, 2, 'embedded')).toEqual([]);
  // One that came after another says nothing of rows that the other tells of.
  const second: TableSpec = { ...spec, index: { ...spec.index, since: 4, elsewhereSince: 2 } };
  expect(schemaVersionOf(second)).toBe(4);
  expect(renderMigration(second, 1, 'embedded')).toHaveLength(1);
  expect(renderMigration(second, 2, 'embedded')).toEqual([]);
});

test.each([
  ['a column twice', { columns: [...samplesTable.columns, { name: 'id', type: 'UInt8' }] }],
  ['a derived column named as another', { derived: [{ name: 'id', type: 'UInt8', from: '1' }] }],
  ['no identity', { identity: [] }],
  ['an identity that is no column', { identity: ['nope'] }],
  ['a time that is no column', { timeColumn: 'nope' }],
  ['a partition by no column', { partitionBy: ['nope'] }],
  [
    'an identity that came later',
    { identity: ['x'], columns: [...samplesTable.columns, { name: 'x', type: 'UInt8', since: 2 }] },
  ],
  ['a version of zero', { columns: [...samplesTable.columns, { name: 'x', type: 'UInt8', since: 0 }] }],
  ['a hostile name', { name: 'x`; DROP' }],
])('a spec with %s is refused', (_, slip) => {
  expect(() => renderCreateTable({ ...samplesTable, ...slip }, 'embedded')).toThrow();
});
