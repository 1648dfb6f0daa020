import type { TableSpec } from '../engine/index.ts';

/**
 * Every judged event with its verdict and what it was compared with. `seq` counts the events of a tenant in the order in which they
 * became durable: what is still in memory has higher numbers than what the engine has.
 */
export const eventsTable: TableSpec = {
  name: 'events',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'seq', type: 'UInt64', codec: 'Delta(8), ZSTD(1)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'received', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'id', type: 'String', codec: 'ZSTD(1)' },
    /** Whether the sender gave the id. */
    { name: 'given', type: 'UInt8', codec: 'ZSTD(1)' },
    { name: 'source', type: 'LowCardinality(String)' },
    { name: 'event_type', type: 'LowCardinality(String)' },
    /** Index in STATUSES, and in DECISIONS (event.ts). */
    { name: 'status', type: 'UInt8', codec: 'ZSTD(1)' },
    { name: 'score', type: 'Float64', codec: 'ZSTD(1)' },
    { name: 'decision', type: 'UInt8', codec: 'ZSTD(1)' },
    { name: 'reasoning', type: 'String', codec: 'ZSTD(1)' },
    { name: 'rules', type: 'Array(String)', codec: 'ZSTD(1)' },
    /** JSON as answers have it. */
    { name: 'issues', type: 'String', codec: 'ZSTD(1)' },
    { name: 'suggestions', type: 'String', codec: 'ZSTD(1)' },
    { name: 'data', type: 'String', codec: 'ZSTD(1)' },
    { name: 'metadata', type: 'String', codec: 'ZSTD(1)' },
    { name: 'rule_version', type: 'UInt32', codec: 'ZSTD(1)' },
    /** The baseline as of the event (history/baseline.ts). */
    { name: 'base_names', type: 'Array(String)', codec: 'ZSTD(1)' },
    { name: 'base_values', type: 'Array(Float64)', codec: 'ZSTD(1)' },
    { name: 'base_counts', type: 'Array(Float64)', codec: 'ZSTD(1)' },
    { name: 'base_means', type: 'Array(Float64)', codec: 'ZSTD(1)' },
    { name: 'base_variances', type: 'Array(Float64)', codec: 'ZSTD(1)' },
    { name: 'base_fasts', type: 'Array(Float64)', codec: 'ZSTD(1)' },
    { name: 'shape', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
    { name: 'shape_events', type: 'UInt32', codec: 'ZSTD(1)' },
    { name: 'shape_seen', type: 'UInt32', codec: 'ZSTD(1)' },
    { name: 'shape_kinds', type: 'UInt32', codec: 'ZSTD(1)' },
    { name: 'shape_differs', type: 'String', codec: 'ZSTD(1)' },
  ],
  orderBy: ['tenant', 'ts', 'seq'],
  timeColumn: 'ts',
  identity: ['tenant', 'ts', 'id'],
  signal: 'events',
  indexes: ['event_id id TYPE bloom_filter(0.001) GRANULARITY 1'],
};

/** The tables of this slice; the engine creates and migrates them. */
export const eventsTables: readonly TableSpec[] = [eventsTable];
