import type { z } from 'zod';
import { stateErrors } from './errors.ts';
import type { StateRecord } from './record.ts';
import type { StateEntry, StateKind, StateWrite } from './types.ts';

const KIND_NAME = /^[a-z][a-z0-9_.-]{0,199}$/;
const MAX_TENANT_BYTES = 255;
const MAX_KEY_BYTES = 512;

/** A write whose value its kind accepts, as the JSON to store; null deletes. */
export interface PreparedWrite {
  readonly write: StateWrite;
  readonly json: string | null;
}

/** Checks a write before it waits for the disk. Throws `state.invalid` naming the field, the value and what was expected. */
export function prepare(write: StateWrite, entryBytes: number): PreparedWrite {
  const { kind, tenant, key, value } = write;
  if (!KIND_NAME.test(kind.name))
    throw new Error(`state kind "${kind.name}": expected lower case letters, digits, _ . -`);
  if (!Number.isInteger(kind.version) || kind.version < 1 || kind.version > 0xffff)
    throw new Error(`state kind "${kind.name}" has version ${kind.version}: expected 1 to 65535`);
  checkLength('tenant', tenant, MAX_TENANT_BYTES);
  checkLength('key', key, MAX_KEY_BYTES);
  if (value === undefined) return { write, json: null };
  const json = toJson(accept(kind.schema, value, `${kind.name} ${key}`), `${kind.name} ${key}`);
  // What comes back later is what JSON keeps of it (dates, undefined and NaN do not survive); it must be accepted too.
  accept(kind.schema, JSON.parse(json), `${kind.name} ${key}, read back from JSON`);
  if (Buffer.byteLength(json) > entryBytes)
    throw stateErrors.make(
      'invalid',
      `${kind.name} ${key} has ${Buffer.byteLength(json)} bytes, expected at most ${entryBytes}`,
    );
  return { write, json };
}

function toJson(value: unknown, what: string): string {
  try {
    const json: unknown = JSON.stringify(value);
    if (typeof json === 'string') return json;
  } catch {
    // A BigInt or a circle.
  }
  throw stateErrors.make('invalid', `${what}: the value is not JSON`);
}

function checkLength(field: string, value: string, most: number): void {
  const bytes = Buffer.byteLength(value);
  if (bytes === 0 || bytes > most)
    throw stateErrors.make('invalid', `${field} has ${bytes} bytes, expected 1 to ${most}`);
}

function accept(schema: z.ZodType, value: unknown, what: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path =
    issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map(String).join('.')}`;
  throw stateErrors.make('invalid', `${what}${path}: ${issue?.message ?? 'not accepted'}`);
}

/** The record's value as the kind understands it today, upgraded when it is older, frozen; null when it cannot be. */
export function entryOf<T>(kind: StateKind<T>, record: StateRecord): StateEntry<T> | null {
  if (record.json === null || record.schemaVersion > kind.version) return null;
  const result = kind.schema.safeParse(upgraded(kind, record.schemaVersion, record.json));
  if (!result.success) return null;
  const { key, version, updatedAt } = record;
  return Object.freeze({ key, value: deepFreeze(result.data), version, updatedAt });
}

function upgraded(kind: StateKind<unknown>, fromVersion: number, json: string): unknown {
  const value: unknown = JSON.parse(json);
  if (fromVersion === kind.version || kind.upgrade === undefined) return value;
  try {
    return kind.upgrade(value, fromVersion);
  } catch {
    return undefined;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}
