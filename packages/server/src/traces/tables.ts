import type { TableSpec } from '../engine/tables.ts';

/**
 * What spans are most searched by, in the names of OpenTelemetry's semantic conventions: each is kept in a column of its own too. A value
 * that every block of spans has somewhere is not found by a bloom filter, and reading all attributes of a million spans takes ten times
 * as long as one column. Of a key that a sender gives twice, against the specification, the first counts.
 */
const SEARCHED_ATTRIBUTES = [
  'http.request.method',
  'http.response.status_code',
  'http.status_code',
  'http.route',
  'rpc.method',
  'db.system.name',
  'messaging.destination.name',
  'error.type',
] as const;

/** The column of an attribute that has its own; undefined for the others. */
export const ATTRIBUTE_COLUMNS: ReadonlyMap<string, string> = new Map(
  SEARCHED_ATTRIBUTES.map((key) => [key, `attribute_${key.replaceAll('.', '_')}`]),
);

/**
 * Every span, in order of its start: that is how they are searched, newest first. Bloom filters find the few blocks of a trace, and those
 * of a rare attribute (what is common: {@link ATTRIBUTE_COLUMNS}); a text index over attributes was measured to exhaust the engine's memory at inserts of realistic spans, whose values
 * are mostly their own. Two sides of a Zipkin span share their ids and differ in kind.
 */
export const spansTable: TableSpec = {
  name: 'spans',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'ts', type: "DateTime64(9, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'trace_id', type: 'FixedString(16)', codec: 'ZSTD(1)' },
    { name: 'span_id', type: 'FixedString(8)', codec: 'NONE' },
    /** Zeros for none. */
    { name: 'parent_id', type: 'FixedString(8)', codec: 'ZSTD(1)' },
    { name: 'kind', type: 'UInt8', codec: 'ZSTD(1)' },
    { name: 'source', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'service', type: 'LowCardinality(String)' },
    { name: 'name', type: 'LowCardinality(String)' },
    { name: 'status', type: 'UInt8', codec: 'ZSTD(1)' },
    /** Its status says error, or an attribute `error` is true. */
    { name: 'failed', type: 'UInt8', codec: 'ZSTD(1)' },
    /** Nanoseconds. */
    { name: 'duration', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'status_message', type: 'String', codec: 'ZSTD(1)' },
    { name: 'trace_state', type: 'String', codec: 'ZSTD(1)' },
    { name: 'flags', type: 'UInt32', codec: 'ZSTD(1)' },
    { name: 'attributes', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(1)' },
    /** One letter per attribute: what type its text was (attributes.ts). */
    { name: 'attribute_types', type: 'String', codec: 'ZSTD(1)' },
    /** The events and links of OTLP's Span message, protobuf as they came (fields 11 and 13). */
    { name: 'events', type: 'String', codec: 'ZSTD(1)' },
    { name: 'links', type: 'String', codec: 'ZSTD(1)' },
  ],
  derived: [...ATTRIBUTE_COLUMNS].map(([key, name]) => ({
    name,
    type: 'LowCardinality(String)',
    codec: 'ZSTD(1)',
    from: `attributes['${key}']`,
    since: 2,
  })),
  orderBy: ['tenant', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'ts', 'trace_id', 'span_id', 'kind'],
  signal: 'traces',
  indexes: [
    // Sixteen blocks at a time first: most of the blocks that a filter of one names in vain are not asked for then.
    'traces trace_id TYPE bloom_filter(0.001) GRANULARITY 16',
    'trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1',
    "kv arrayMap((k, v) -> concat(k, '=', v), mapKeys(attributes), mapValues(attributes)) TYPE bloom_filter(0.01) GRANULARITY 1",
    // A service with its durations by powers of two: each block has long spans of some service, but few have those of one. Without a number
    // in it, as the engine would not know it again where a question gives it as a hint.
    'slow concat(service, toString(roundToExp2(duration))) TYPE bloom_filter(0.001) GRANULARITY 1',
  ],
  indexesSince: 3,
  settings: {
    // The spans of a trace are a few among many: what is read for one is a block of this many rows with all their attributes.
    index_granularity: 1024,
    // For such a block only a few others are decompressed: of the usual 64 KB a block of numbers has eight thousand. Takes 1.5 % of disk.
    min_compress_block_size: 16_384,
    // A trace is looked for in every part: few of them are worth writing a span once more.
    merge_selector_base: 6,
    // Columns of a part up to some four million spans lie in one file: a trace is read from all of them at one place, and an insert has one
    // file to sync. Takes a sixth more of disk, as a column is compressed in pieces of 1024 rows.
    min_bytes_for_wide_part: 2_147_483_648,
    min_rows_for_wide_part: 0,
  },
};

/** What spans come from: resource and instrumentation scope, once per day, so that they leave with the partition of their last spans. */
export const spanSourcesTable: TableSpec = {
  name: 'span_sources',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'day', type: 'Date' },
    { name: 'source', type: 'UInt64' },
    { name: 'service', type: 'LowCardinality(String)' },
    { name: 'resource', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(1)' },
    { name: 'resource_types', type: 'String', codec: 'ZSTD(1)' },
    { name: 'scope_name', type: 'String', codec: 'ZSTD(1)' },
    { name: 'scope_version', type: 'String', codec: 'ZSTD(1)' },
    { name: 'scope', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(1)' },
    { name: 'scope_types', type: 'String', codec: 'ZSTD(1)' },
    { name: 'schema_url', type: 'String', codec: 'ZSTD(1)' },
  ],
  orderBy: ['tenant', 'source'],
  timeColumn: 'day',
  identity: ['tenant', 'day', 'source'],
  signal: 'traces',
};

/** Which operations a service has, once per day. */
export const spanOperationsTable: TableSpec = {
  name: 'span_operations',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'day', type: 'Date' },
    { name: 'service', type: 'String', codec: 'ZSTD(1)' },
    { name: 'name', type: 'String', codec: 'ZSTD(1)' },
    { name: 'kind', type: 'UInt8' },
  ],
  orderBy: ['tenant', 'service', 'name', 'kind'],
  timeColumn: 'day',
  identity: ['tenant', 'day', 'service', 'name', 'kind'],
  signal: 'traces',
};

/**
 * Who called whom in each minute (topology/). All rows of one computation of a minute are one insert and carry its version; those of an
 * older version are no part of any answer. Each computation has a row without a callee, whose calls are the spans that it saw.
 */
export const spanEdgesTable: TableSpec = {
  name: 'span_edges',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'minute', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'version', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'caller', type: 'LowCardinality(String)' },
    { name: 'callee', type: 'LowCardinality(String)' },
    { name: 'type', type: 'LowCardinality(String)' },
    { name: 'calls', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'errors', type: 'UInt64', codec: 'ZSTD(1)' },
    /** Nanoseconds, of all calls together. */
    { name: 'duration', type: 'Float64', codec: 'ZSTD(1)' },
    /** Calls by the bucket of their duration (topology/durations.ts). */
    { name: 'buckets', type: 'Array(UInt8)', codec: 'ZSTD(1)' },
    { name: 'counts', type: 'Array(UInt64)', codec: 'ZSTD(1)' },
  ],
  orderBy: ['tenant', 'minute', 'version'],
  timeColumn: 'minute',
  identity: ['tenant', 'minute', 'version', 'caller', 'callee', 'type'],
  signal: 'traces',
};

/** The tables of this slice; the engine creates and migrates them. */
export const tracesTables: readonly TableSpec[] = [
  spansTable,
  spanSourcesTable,
  spanOperationsTable,
  spanEdgesTable,
];
