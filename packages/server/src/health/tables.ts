import type { TableSpec } from '../engine/index.ts';

/** Every change of a service's state, and of why it is not well (then both states are the same); kept 90 days by default. */
export const healthTransitions: TableSpec = {
  name: 'health_transitions',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'service', type: 'LowCardinality(String)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(3)' },
    { name: 'from_status', type: 'LowCardinality(String)' },
    { name: 'to_status', type: 'LowCardinality(String)' },
    { name: 'reason', type: 'String', codec: 'ZSTD(3)' },
    // A JSON array of names.
    { name: 'caused_by', type: 'String', codec: 'ZSTD(3)', since: 2, default: "'[]'" },
  ],
  orderBy: ['tenant', 'service', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'service', 'ts', 'to_status'],
  signal: 'state',
};
