import type { Signal, TableSpec } from '../engine/index.ts';

/**
 * Every float sample. The key is (tenant, 32-bit hash of the metric name, 64-bit hash of the other labels, time):
 * the samples of one metric lie together. Delta before ZSTD and large compress blocks gave the fewest bytes.
 */
export const samplesTable: TableSpec = {
  name: 'samples',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'metric', type: 'UInt32', codec: 'Delta(4), ZSTD(3)' },
    { name: 'series', type: 'UInt64', codec: 'Delta(8), ZSTD(3)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(3)' },
    { name: 'value', type: 'Float64', codec: 'Delta(8), ZSTD(3)' },
    // When the counting of the sample began, ms; 0 for unknown. Only frames that know any carry it.
    { name: 'start', type: 'Int64', codec: 'Delta(8), ZSTD(3)', since: 2, default: '0' },
  ],
  orderBy: ['tenant', 'metric', 'series', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'metric', 'series', 'ts'],
  signal: 'metrics',
  settings: { min_compress_block_size: 1_048_576, max_compress_block_size: 4_194_304 },
};

/** Every native histogram sample; `blob` is our own encoding of the rest (`store/histograms/codec.ts`). */
export const histogramsTable: TableSpec = {
  name: 'histograms',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'metric', type: 'UInt32', codec: 'Delta(4), ZSTD(3)' },
    { name: 'series', type: 'UInt64', codec: 'Delta(8), ZSTD(3)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(3)' },
    { name: 'start', type: 'Int64', codec: 'Delta(8), ZSTD(3)' },
    { name: 'count', type: 'Float64', codec: 'Delta(8), ZSTD(3)' },
    { name: 'sum', type: 'Float64', codec: 'Delta(8), ZSTD(3)' },
    { name: 'blob', type: 'String', codec: 'ZSTD(3)' },
  ],
  orderBy: ['tenant', 'metric', 'series', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'metric', 'series', 'ts'],
  signal: 'metrics',
  settings: { min_compress_block_size: 1_048_576, max_compress_block_size: 4_194_304 },
};

/** Exemplars of series. `id` is the hash of their own labels, which tells apart those of the same time and value. */
export const exemplarsTable: TableSpec = {
  name: 'exemplars',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'metric', type: 'UInt32' },
    { name: 'series', type: 'UInt64', codec: 'Delta(8), ZSTD(3)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(3)' },
    { name: 'value', type: 'Float64', codec: 'ZSTD(3)' },
    { name: 'id', type: 'UInt64', codec: 'ZSTD(3)' },
    { name: 'labels', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(3)' },
  ],
  orderBy: ['tenant', 'metric', 'series', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'metric', 'series', 'ts', 'value', 'id'],
  signal: 'metrics',
};

/**
 * The label sets, once per series and day it was active on, so that churned series leave the matches with their
 * partition and living ones never expire. A repeated row is harmless: readers take distinct keys.
 */
export const seriesTable: TableSpec = {
  name: 'series',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'day', type: 'Date' },
    { name: 'name', type: 'LowCardinality(String)' },
    { name: 'metric', type: 'UInt32' },
    { name: 'series', type: 'UInt64' },
    { name: 'labels', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(3)' },
  ],
  orderBy: ['tenant', 'name', 'series'],
  timeColumn: 'day',
  identity: ['tenant', 'day', 'metric', 'series'],
  signal: 'metrics',
  follows: ['samples', 'histograms', 'exemplars', 'samples_5m', 'samples_1h'],
  indexes: [
    "kv arrayMap((k, v) -> concat(k, '=', v), mapKeys(labels), mapValues(labels)) TYPE text(tokenizer = 'array')",
  ],
};

/**
 * Float samples of a day in left-open buckets, one row per series and bucket that has any (`BucketColumns`). A day's rows carry the
 * number of the run that computed them; those of any other run than the one the day's state names are no part of any answer.
 */
function bucketTable(name: string, signal: Signal): TableSpec {
  const value = { type: 'Float64', codec: 'Delta(8), ZSTD(3)' };
  const number = { type: 'UInt32', codec: 'Delta(4), ZSTD(3)' };
  return {
    name,
    columns: [
      { name: 'tenant', type: 'LowCardinality(String)' },
      { name: 'metric', type: 'UInt32', codec: 'Delta(4), ZSTD(3)' },
      { name: 'series', type: 'UInt64', codec: 'Delta(8), ZSTD(3)' },
      // Where the bucket begins, exclusively; the times below are ms after it, 0 for none.
      { name: 'open', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(3)' },
      { name: 'run', type: 'UInt32', codec: 'ZSTD(3)' },
      { name: 'count', ...number },
      { name: 'min', ...value },
      { name: 'max', ...value },
      { name: 'sum', ...value },
      { name: 'first', ...value },
      { name: 'first_after', ...number },
      { name: 'last', ...value },
      { name: 'last_after', ...number },
      { name: 'dropped', ...value },
      { name: 'resets', ...number },
      { name: 'changes', ...number },
      { name: 'stale_after', ...number },
    ],
    orderBy: ['tenant', 'metric', 'series', 'open'],
    timeColumn: 'open',
    partitionBy: ['run'],
    identity: ['tenant', 'metric', 'series', 'open', 'run'],
    signal,
    settings: { min_compress_block_size: 1_048_576, max_compress_block_size: 4_194_304 },
  };
}

export const samples5mTable = bucketTable('samples_5m', 'metrics_5m');
export const samples1hTable = bucketTable('samples_1h', 'metrics_1h');

/** The tables of this slice; the engine creates and migrates them. */
export const metricsTables: readonly TableSpec[] = [
  samplesTable,
  histogramsTable,
  exemplarsTable,
  samples5mTable,
  samples1hTable,
  seriesTable,
];
