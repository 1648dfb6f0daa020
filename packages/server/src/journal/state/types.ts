import type { z } from 'zod';

/** A kind of small state, declared once by its slice. Values are JSON. */
export interface StateKind<T> {
  /** `slice.thing`, lower case; stored with each value, so never renamed. */
  readonly name: string;
  /** Rises when the schema changes so that older values no longer parse. */
  readonly version: number;
  readonly schema: z.ZodType<T>;
  /** Turns a value of an older version into one that the schema accepts. Needed once version > 1. */
  readonly upgrade?: (value: unknown, fromVersion: number) => unknown;
}

export interface StateEntry<T> {
  readonly key: string;
  readonly value: T;
  /** Rises with every change of this key; the token for compare-and-set. */
  readonly version: number;
  /** Wall-clock milliseconds of the last change. */
  readonly updatedAt: number;
}

/**
 * What the key's version must be for the write to count: a version seen before, `'absent'`, or left out for "whatever
 * it is".
 */
type Expected = number | 'absent';

export interface StateWrite {
  readonly kind: StateKind<unknown>;
  readonly tenant: string;
  readonly key: string;
  /** `undefined` deletes. */
  readonly value: unknown;
  readonly expected?: Expected;
}

export interface StateChange<T> {
  readonly tenant: string;
  readonly key: string;
  /** Undefined when the key was deleted. */
  readonly entry: StateEntry<T> | undefined;
}

export interface WriteOptions {
  readonly expected?: Expected;
}

/**
 * Small state that must outlive a kill and work without the engine: users, keys, silences, rules, dashboards,
 * incidents, commands, outboxes. Reads come from memory; a write resolves when it is durable. Tenants never see each
 * other's keys. Failures are `stateErrors`: conflict (409), invalid (400), failed (503), full (503), stopped (503).
 */
export interface StateStore {
  get<T>(kind: StateKind<T>, tenant: string, key: string): StateEntry<T> | undefined;
  /** In key order. */
  list<T>(kind: StateKind<T>, tenant: string): readonly StateEntry<T>[];
  /** The same, each read when its turn comes: what is written meanwhile may be missed. */
  each<T>(kind: StateKind<T>, tenant: string): Iterable<StateEntry<T>>;
  /** Tenants that have at least one entry of the kind; for loops that serve all tenants. */
  tenants(kind: StateKind<unknown>): readonly string[];
  put<T>(
    kind: StateKind<T>,
    tenant: string,
    key: string,
    value: T,
    options?: WriteOptions,
  ): Promise<StateEntry<T>>;
  /** False when there was nothing to delete (and nothing was expected). */
  delete(kind: StateKind<unknown>, tenant: string, key: string, options?: WriteOptions): Promise<boolean>;
  /** All writes become durable and visible together, or none does (conflict, invalid, failed). */
  write(writes: readonly StateWrite[]): Promise<void>;
  /** Called after a change is durable, in order, for all tenants. Returns the unsubscribe. */
  onChange<T>(kind: StateKind<T>, listener: (change: StateChange<T>) => void): () => void;
}

/** An open store; `close` lets running writes end and refuses new ones. */
export interface OpenStateStore extends StateStore {
  close(): Promise<void>;
}
