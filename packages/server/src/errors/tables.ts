import type { TableSpec } from '../engine/index.ts';

/** Every error that was taken, once. `body` is the whole event as JSON; the other columns are what is searched and counted by. */
export const errorEventsTable: TableSpec = {
  name: 'error_events',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    /** Rises with every error in the order in which they became durable. */
    { name: 'sequence', type: 'Int64', codec: 'Delta(8), ZSTD(1)' },
    { name: 'id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'group_id', type: 'LowCardinality(String)' },
    { name: 'service', type: 'LowCardinality(String)' },
    { name: 'environment', type: 'LowCardinality(String)' },
    { name: 'release', type: 'LowCardinality(String)' },
    { name: 'type', type: 'LowCardinality(String)' },
    { name: 'severity', type: 'LowCardinality(String)' },
    { name: 'origin', type: 'LowCardinality(String)' },
    { name: 'trace_id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'request_id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'user', type: 'String', codec: 'ZSTD(1)' },
    { name: 'body', type: 'String', codec: 'ZSTD(3)' },
  ],
  orderBy: ['tenant', 'ts', 'id'],
  timeColumn: 'ts',
  identity: ['tenant', 'ts', 'id'],
  signal: 'events',
  indexes: [
    'trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1',
    'request request_id TYPE bloom_filter(0.01) GRANULARITY 1',
    'event id TYPE bloom_filter(0.01) GRANULARITY 1',
    'grouped group_id TYPE set(500) GRANULARITY 1',
    'sequences sequence TYPE minmax GRANULARITY 1',
  ],
};

/** The tables of this slice; the engine creates and migrates them. */
export const errorsTables: readonly TableSpec[] = [errorEventsTable];
