import type { TableSpec } from '../../engine/index.ts';

/** Every decision about every alert, at the moment it was made: "why was I (not) paged". Kept 90 days by default. */
export const alertDecisions: TableSpec = {
  name: 'alert_decisions',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'fingerprint', type: 'String', codec: 'ZSTD(1)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    /** Counts the decisions of a tenant: what is decided at one instant keeps its order. */
    { name: 'seq', type: 'UInt64', codec: 'Delta(8), ZSTD(1)' },
    { name: 'outcome', type: 'LowCardinality(String)' },
    { name: 'route', type: 'LowCardinality(String)' },
    { name: 'group_key', type: 'String', codec: 'ZSTD(1)' },
    { name: 'receiver', type: 'LowCardinality(String)' },
    { name: 'integration', type: 'LowCardinality(String)' },
    { name: 'reason', type: 'String', codec: 'ZSTD(1)' },
    { name: 'decided_by', type: 'Array(String)', codec: 'ZSTD(1)' },
    // Of a delivery, as it was then; nothing of other decisions.
    { name: 'attempts', type: 'UInt32', codec: 'ZSTD(1)', since: 2, default: '0' },
    { name: 'may_be_duplicate', type: 'UInt8', codec: 'ZSTD(1)', since: 2, default: '0' },
    { name: 'title', type: 'String', codec: 'ZSTD(1)', since: 3, default: "''" },
  ],
  orderBy: ['tenant', 'fingerprint', 'ts', 'seq'],
  timeColumn: 'ts',
  identity: ['tenant', 'fingerprint', 'ts', 'seq'],
  signal: 'state',
};
