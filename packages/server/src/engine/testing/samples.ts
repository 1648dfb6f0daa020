import { RowBinaryWriter } from '../rowbinary.ts';
import type { TableSpec } from '../tables.ts';
import type { InsertBlock } from '../types.ts';

/** A small table of the shape that the metrics slice stores. */
export const samplesTable: TableSpec = {
  name: 'samples',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'id', type: 'UInt64' },
    { name: 'ts', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(3)' },
    { name: 'value', type: 'Float64' },
  ],
  orderBy: ['tenant', 'id', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'id', 'ts', 'value'],
  signal: 'metrics',
};

export const DAY_MS = 86_400_000;
/** Midnight UTC. */
export const SAMPLE_TIME = Date.UTC(2026, 0, 15);
/** Prometheus' staleness marker: a NaN of its own. */
export const STALE_BITS = 0x7ff0000000000002n;

export interface Sample {
  readonly tenant?: string;
  readonly id?: number;
  readonly ts?: number;
  readonly value?: number;
  /** Float bits instead of a value. */
  readonly bits?: bigint;
}

export function samplesPayload(samples: readonly Sample[]): Uint8Array {
  const writer = new RowBinaryWriter();
  for (const { tenant = 'default', id = 1, ts = SAMPLE_TIME, value = 0, bits } of samples) {
    writer.string(tenant);
    writer.uint64(id, 0);
    writer.dateTime64(ts);
    if (bits === undefined) writer.float64(value);
    else writer.uint64Big(bits);
    writer.endRow();
  }
  return writer.take().payload;
}

export function samplesBlock(samples: readonly Sample[], overrides: Partial<InsertBlock> = {}): InsertBlock {
  return {
    table: samplesTable,
    schemaVersion: 1,
    rows: samples.length,
    payload: [samplesPayload(samples)],
    reconcile: false,
    ...overrides,
  };
}

/** `count` samples of one series, a second apart. */
export function series(count: number, from: Sample = {}): Sample[] {
  const start = from.ts ?? SAMPLE_TIME;
  return Array.from({ length: count }, (_, i) => ({ ...from, ts: start + i * 1_000, value: i }));
}
