import type { TableSpec } from '../engine/tables.ts';
import { gramRows } from './store/gram-blocks.ts';

/**
 * Which texts lines hold, as signatures of some thousand lines of one time (store/grams.ts), side by side by the word (store/signature-rows.ts): a
 * row is a word of each signature of an insert. So a search for a text reads a few words of all signatures of its time, and then only the lines
 * of the times of those that may hold it. The engine's own indexes over a text are read as a whole, and are made again with each merge, which was
 * most of what a line cost.
 */
export const logSignaturesTable: TableSpec = {
  name: 'log_signatures',
  columns: [
    { name: 'tenant', type: 'String', codec: 'ZSTD(1)' },
    { name: 'ts', type: "DateTime64(6, 'UTC')", codec: 'Delta(8), LZ4' },
    { name: 'slot', type: 'UInt16', codec: 'LZ4' },
    { name: 'words', type: 'Array(UInt32)', codec: 'LZ4' },
  ],
  orderBy: ['tenant', 'slot', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'ts', 'slot', 'words'],
  signal: 'logs',
  settings: {
    // A search takes some ten slots, of which a part has a row of some hundred bytes for each insert that is in it.
    index_granularity: 32,
    // All columns of a part lie in one file, at one place for each slot.
    min_bytes_for_wide_part: 2_147_483_648,
    min_rows_for_wide_part: 0,
    // Few parts, as each is asked: the rows are copied as they are, which costs far less than what it saves.
    merge_selector_base: 3,
  },
};

/**
 * Signatures of lines that were stored by versions before {@link logSignaturesTable}, in slices of 128 bytes (store/older-grams.ts), from `ts` to `until`.
 * `slot` says of which kind a signature is, how many slices it has and which one this is; 0 is one of lines that nothing is known of. Nothing
 * writes them.
 */
export const logGramsTable: TableSpec = {
  name: 'log_grams',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
    { name: 'ts', type: "DateTime64(6, 'UTC')", codec: 'Delta(8), LZ4' },
    { name: 'slot', type: 'UInt16', codec: 'LZ4' },
    { name: 'until', type: "DateTime64(6, 'UTC')", codec: 'Delta(8), LZ4' },
    { name: 'bits', type: 'FixedString(128)', codec: 'NONE' },
  ],
  orderBy: ['tenant', 'slot', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'ts', 'slot', 'until'],
  signal: 'logs',
  settings: {
    // A search takes a few slots, of which a part has some hundred rows.
    index_granularity: 256,
    // For which few others are decompressed: of the usual 64 KB a block of times has eight thousand. Takes a hundredth of the table.
    min_compress_block_size: 8192,
    // Few parts, as each is asked: the rows are copied as they are, which costs far less than what it saves.
    merge_selector_base: 3,
  },
};

/**
 * Every log line, in time order: that is how they are read. Where a text is, {@link logSignaturesTable} tells. An index that knows the lines of each
 * word (text, as for metadata) took a quarter of the raw size, three quarters of it for words that every block has or that are in one
 * line, and could not tell parts of words. `id` is the hash of message and metadata: stream, time, message and metadata make a line
 * (compat LP-5).
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
    "kv arrayMap((k, v) -> concat(k, '=', v), mapKeys(metadata), mapValues(metadata)) TYPE text(tokenizer = 'array')",
    'trace trace_id TYPE bloom_filter(0.01) GRANULARITY 4',
    'request request_id TYPE bloom_filter(0.01) GRANULARITY 4',
  ],
  retired: [
    { name: 'words', since: 3 },
    { name: 'texts', since: 5 },
    { name: 'terms', since: 5 },
  ],
  index: {
    table: logSignaturesTable,
    rowsOf: gramRows,
    since: 6,
    // In logGramsTable.
    elsewhereSince: 5,
    // Slot 0, of kind 255 (signature-rows.ts).
    forOlder: [
      'tenant',
      "toDateTime64(min(ts), 6, 'UTC')",
      '0',
      "[255, 0, toUInt32(dateDiff('millisecond', min(ts), max(ts)) + 1)]",
    ],
  },
  settings: {
    // Of the indexes, which have no codec of their own: ZSTD saves a fourteenth, and a search waits for its decompression.
    default_compression_codec: 'LZ4',
    // What is read for a few lines is a block of this many; the filters of ids are of four such blocks.
    index_granularity: 2048,
    // Blocks of long lines have fewer of them.
    index_granularity_bytes: 8_388_608,
    // More parts before they become one: each merge writes the lines and makes the filters of their ids anew.
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
  // After the lines that they tell of: retention drops their days in this order.
  logSignaturesTable,
  logGramsTable,
  logStreamsTable,
  logPositionsTable,
  logPatternsTable,
];
