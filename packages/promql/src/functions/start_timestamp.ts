import type { TimestampFunction } from './types.ts';

/** `start_timestamp(v)`: when the counting of each sample began, in seconds, 0 where that is not known (experimental). */
export const start_timestamp: TimestampFunction = { kind: 'timestamp', of: 'start' };
