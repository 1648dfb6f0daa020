import { type Sql, sql } from '../../engine/index.ts';

/** A time in nanoseconds since the epoch, as the lines' own times are. */
export function nanosTime(time: bigint): Sql {
  return sql`fromUnixTimestamp64Nano(${time}, 'UTC')`;
}
