import type { TableSpec } from '../../engine/index.ts';
import { samples1hTable, samples5mTable } from '../tables.ts';

export interface Resolution {
  readonly ms: number;
  /** As durations are written. */
  readonly text: '5m' | '1h';
  readonly table: TableSpec;
}

/** Narrow to wide. Each divides a day, so that a day's buckets are of that day alone. */
export const RESOLUTIONS: readonly Resolution[] = [
  { ms: 300_000, text: '5m', table: samples5mTable },
  { ms: 3_600_000, text: '1h', table: samples1hTable },
];
