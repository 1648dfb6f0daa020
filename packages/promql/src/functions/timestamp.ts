import type { TimestampFunction } from './types.ts';

/** `timestamp(v)`: when each sample was taken, in seconds. The evaluator knows the times; this is its entry. */
export const timestamp: TimestampFunction = { kind: 'timestamp', of: 'time' };
