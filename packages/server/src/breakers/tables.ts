import type { TableSpec } from '../engine/index.ts';

const TEXT = 'LowCardinality(String)';

/** Every change of state of every breaker of every instance; kept 90 days by default. Counts are of the state that ended. */
export const breakerTransitions: TableSpec = {
  name: 'breaker_transitions',
  columns: [
    { name: 'tenant', type: TEXT },
    { name: 'service', type: TEXT },
    { name: 'name', type: TEXT },
    { name: 'instance', type: TEXT },
    { name: 'upstream', type: TEXT },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(3)' },
    { name: 'from_state', type: TEXT },
    { name: 'to_state', type: TEXT },
    { name: 'reason', type: TEXT },
    { name: 'requests', type: 'UInt32', codec: 'ZSTD(3)' },
    { name: 'successes', type: 'UInt32', codec: 'ZSTD(3)' },
    { name: 'failures', type: 'UInt32', codec: 'ZSTD(3)' },
    { name: 'run_of_failures', type: 'UInt32', codec: 'ZSTD(3)' },
  ],
  orderBy: ['tenant', 'service', 'name', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'service', 'name', 'instance', 'ts', 'to_state'],
  signal: 'state',
};
