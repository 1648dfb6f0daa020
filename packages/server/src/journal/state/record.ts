import { z } from 'zod';
import type { Frame } from '../types.ts';

/** One change of one key as it stands in the log, and the newest one of each key in memory. */
export interface StateRecord {
  readonly kind: string;
  /** Version of the kind's schema that the value was written with. */
  readonly schemaVersion: number;
  readonly tenant: string;
  readonly key: string;
  readonly version: number;
  readonly updatedAt: number;
  /** The value's JSON; null when the key was deleted. */
  readonly json: string | null;
}

/** Marks the end of a snapshot; no kind can have this name. */
const SNAPSHOT = '$snapshot';

const payloadSchema = z.strictObject({
  key: z.string(),
  version: z.number(),
  at: z.number(),
  json: z.string().nullable(),
});

export function recordFrame(record: StateRecord): Frame {
  const { kind, schemaVersion, tenant, key, version, updatedAt, json } = record;
  const payload = Buffer.from(JSON.stringify({ key, version, at: updatedAt, json }));
  return { table: kind, schemaVersion, tenant, day: 0, rows: 1, payload };
}

export const snapshotFrame: Frame = {
  table: SNAPSHOT,
  schemaVersion: 1,
  tenant: SNAPSHOT,
  day: 0,
  rows: 1,
  payload: Buffer.from('end'),
};

export function isSnapshotFrame(frame: Frame): boolean {
  return frame.table === SNAPSHOT;
}

/** Null for a frame that is no record: the checksum holds, so a version after this one wrote it. */
export function frameRecord(frame: Frame): StateRecord | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(frame.payload).toString('utf8'));
  } catch {
    return null;
  }
  const result = payloadSchema.safeParse(parsed);
  if (!result.success) return null;
  const { key, version, at, json } = result.data;
  const { table: kind, schemaVersion, tenant } = frame;
  return { kind, schemaVersion, tenant, key, version, updatedAt: at, json };
}

/** Bytes that a record counts against the limit. */
export function recordBytes(record: StateRecord): number {
  return record.json === null ? 0 : record.json.length + record.key.length + 64;
}
