import type { TableSpec } from '../engine/tables.ts';

/**
 * Every log line, in time order: that is how they are read. The index over the words of the message makes a search for a rare word a
 * matter of a few blocks; the one over metadata does it for `key=value`. `id` is the hash of the message: stream, time and message
 * make a line (compat LP-5).
 */
export const logsTable: TableSpec = {
  name: 'logs',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'ts', type: "DateTime64(9, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'stream', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'id', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'service', type: 'LowCardinality(String)' },
    { name: 'level', type: 'LowCardinality(String)' },
    { name: 'trace_id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'span_id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'request_id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'message', type: 'String', codec: 'ZSTD(1)' },
    { name: 'metadata', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(1)' },
    // Of the message, so that bytes are added up without reading it; the engine fills it in, no door writes it.
    { name: 'size', type: 'UInt32', codec: 'ZSTD(1)', since: 2, default: 'length(message)' },
  ],
  orderBy: ['tenant', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'ts', 'stream', 'id'],
  signal: 'logs',
  indexes: [
    "words message TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(message))",
    "kv arrayMap((k, v) -> concat(k, '=', v), mapKeys(metadata), mapValues(metadata)) TYPE text(tokenizer = 'array')",
    'trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1',
    'request request_id TYPE bloom_filter(0.01) GRANULARITY 1',
  ],
  // The words of lines are ids as often as not: of the index, which has no codec of its own, it saves a sixth.
  settings: { default_compression_codec: 'ZSTD(1)' },
};

/** The label sets of streams, once per stream and day, so that they leave with the partition of their last lines. */
export const logStreamsTable: TableSpec = {
  name: 'log_streams',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'day', type: 'Date' },
    { name: 'stream', type: 'UInt64' },
    { name: 'service', type: 'LowCardinality(String)' },
    { name: 'labels', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(1)' },
  ],
  orderBy: ['tenant', 'stream'],
  timeColumn: 'day',
  identity: ['tenant', 'day', 'stream'],
  signal: 'logs',
};

/** Where the reading of each followed file stands; the newest row of a file counts. */
export const logPositionsTable: TableSpec = {
  name: 'log_positions',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'seq', type: 'Int64', codec: 'Delta(8), ZSTD(1)' },
    { name: 'file', type: 'String', codec: 'ZSTD(1)' },
    { name: 'value', type: 'String', codec: 'ZSTD(1)' },
  ],
  orderBy: ['tenant', 'file', 'seq'],
  timeColumn: 'ts',
  identity: ['tenant', 'file', 'seq'],
  signal: 'state',
};

/** Lines of each pattern by minute; the rows of a minute add up. */
export const logPatternsTable: TableSpec = {
  name: 'log_patterns',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'service', type: 'LowCardinality(String)' },
    { name: 'level', type: 'LowCardinality(String)' },
    { name: 'pattern', type: 'String', codec: 'ZSTD(3)' },
    { name: 'count', type: 'UInt32', codec: 'ZSTD(1)' },
    { name: 'writer', type: 'UInt32', codec: 'ZSTD(1)' },
    { name: 'batch', type: 'UInt32', codec: 'ZSTD(1)' },
  ],
  orderBy: ['tenant', 'service', 'pattern', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'ts', 'service', 'level', 'pattern', 'writer', 'batch'],
  signal: 'logs',
};

/** The tables of this slice; the engine creates and migrates them. */
export const logsTables: readonly TableSpec[] = [
  logsTable,
  logStreamsTable,
  logPositionsTable,
  logPatternsTable,
];
