import type { TableSpec } from '../engine/tables.ts';

/**
 * Every log line, in time order: that is how they are read. Two bloom filters for each 8192 lines tell where a text is not. `texts` holds all
 * pieces of six characters, so that a search for any longer text, also a part of a word, reads some blocks only; it is small for what it
 * holds (three bits a piece, one of them set: a second one would find hardly less and cost a seventh of an insert), as a text has many
 * pieces and all of them must be there. `terms` holds the words, for those that are
 * shorter. An index that knows the lines of each word (text, as for metadata) took a quarter of the raw size, three quarters of it for words that every
 * block has or that are in one line, and could not tell parts of words. `id` is the hash of message and metadata: stream, time, message and metadata make a
 * line (compat LP-5). Statements use the filters by saying the same as they do (store/text-hints.ts).
 */
export const logsTable: TableSpec = {
  name: 'logs',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
    { name: 'ts', type: "DateTime64(9, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'stream', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'id', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'service', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
    { name: 'level', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
    { name: 'trace_id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'span_id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'request_id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'message', type: 'String', codec: 'ZSTD(1)' },
    { name: 'metadata', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(1)' },
    // Of the message, so that bytes are added up without reading it; the engine fills it in, no door writes it.
    { name: 'size', type: 'UInt32', codec: 'ZSTD(1)', since: 2, default: 'length(message)' },
    // The first whole second that is not before the line: what is counted by such times is counted without reading `ts`, whose
    // nanoseconds take ten times as long.
    {
      name: 'second',
      type: 'UInt32',
      codec: 'ZSTD(1)',
      since: 4,
      default: 'toUInt32(intDiv(toUnixTimestamp64Nano(ts) + 999999999, 1000000000))',
    },
  ],
  orderBy: ['tenant', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'ts', 'stream', 'id'],
  signal: 'logs',
  indexes: [
    'texts lower(toValidUTF8(message)) TYPE ngrambf_v1(6, 98304, 1, 0) GRANULARITY 1',
    'terms lower(message) TYPE tokenbf_v1(12288, 3, 0) GRANULARITY 1',
    "kv arrayMap((k, v) -> concat(k, '=', v), mapKeys(metadata), mapValues(metadata)) TYPE text(tokenizer = 'array')",
    'trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1',
    'request request_id TYPE bloom_filter(0.01) GRANULARITY 1',
  ],
  retired: [{ name: 'words', since: 3 }],
  settings: {
    // Of the indexes, which have no codec of their own: ZSTD saves a fourteenth, and a search waits for its decompression.
    default_compression_codec: 'LZ4',
    // Blocks of long lines have fewer of them: a filter of one size can hold only so much.
    index_granularity_bytes: 8_388_608,
    // More parts before they become one: each merge makes the filters anew, which is most of what a line costs the engine.
    merge_selector_base: 32,
  },
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
