import type { Clock } from '../../kernel/clock.ts';
import type { PharosError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { reasonOf } from '../admission.ts';
import { CommitQueue, type Waiting } from '../commit-queue.ts';
import type { FileSystem } from '../fs.ts';
import type { Quarantine } from '../quarantine.ts';
import type { StateConfig } from './config.ts';
import { Entries } from './entries.ts';
import { stateErrors } from './errors.ts';
import { loadStateLog, type StateLog } from './log.ts';
import { recordBytes, type StateRecord } from './record.ts';
import type { StateTelemetry } from './telemetry.ts';
import type {
  OpenStateStore,
  StateChange,
  StateEntry,
  StateKind,
  StateWrite,
  WriteOptions,
} from './types.ts';
import { entryOf, type PreparedWrite, prepare } from './values.ts';

export interface StateStoreOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: StateTelemetry;
  readonly quarantine: Quarantine;
  readonly config: StateConfig;
}

/** Opens the state of a directory. Rejects with `state.unusable` when the disk does not let it. */
export async function openStateStore(options: StateStoreOptions): Promise<OpenStateStore> {
  try {
    const { compactBytes } = options.config;
    const { log, records } = await loadStateLog({ ...options, compactBytes });
    return new LogStateStore(options, log, records);
  } catch (cause) {
    throw stateErrors.make('unusable', `cannot open the state in ${options.directory}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

interface Cached {
  readonly kind: StateKind<unknown>;
  readonly entry: StateEntry<unknown> | null;
}

type Request = readonly PreparedWrite[];
type Result = readonly StateRecord[];

class LogStateStore implements OpenStateStore {
  readonly #options: StateStoreOptions;
  readonly #log: StateLog;
  readonly #entries = new Entries();
  readonly #cache = new WeakMap<StateRecord, Cached>();
  readonly #listeners = new Map<string, Set<(record: StateRecord) => void>>();
  readonly #queue: CommitQueue<Request, Result>;
  #stopped = false;

  constructor(options: StateStoreOptions, log: StateLog, records: readonly StateRecord[]) {
    this.#options = options;
    this.#log = log;
    for (const record of records) this.#entries.apply(record);
    this.#queue = new CommitQueue({
      batchBytes: options.config.limitBytes,
      clock: options.clock,
      commit: (batch) => this.#commit(batch),
    });
    options.telemetry.watch(() => ({ entries: this.#entries.count, bytes: this.#entries.bytes }));
  }

  get<T>(kind: StateKind<T>, tenant: string, key: string): StateEntry<T> | undefined {
    const record = this.#entries.get(kind.name, tenant, key);
    return record === undefined ? undefined : (this.#read(kind, record) ?? undefined);
  }

  list<T>(kind: StateKind<T>, tenant: string): readonly StateEntry<T>[] {
    return this.#entries.list(kind.name, tenant).flatMap((record) => this.#read(kind, record) ?? []);
  }

  *each<T>(kind: StateKind<T>, tenant: string): Iterable<StateEntry<T>> {
    for (const record of this.#entries.list(kind.name, tenant)) {
      const entry = this.#read(kind, record);
      if (entry !== null) yield entry;
    }
  }

  tenants(kind: StateKind<unknown>): readonly string[] {
    return this.#entries.tenants(kind.name);
  }

  async put<T>(
    kind: StateKind<T>,
    tenant: string,
    key: string,
    value: T,
    options: WriteOptions = {},
  ): Promise<StateEntry<T>> {
    if (value === undefined) throw stateErrors.make('invalid', `${kind.name} ${key}: a value is expected`);
    const [record] = await this.#submit([{ kind, tenant, key, value, ...options }]);
    const entry = record === undefined ? null : this.#read(kind, record);
    if (entry === null) throw new Error(`${kind.name} ${key} was stored and does not read`);
    return entry;
  }

  async delete(
    kind: StateKind<unknown>,
    tenant: string,
    key: string,
    options: WriteOptions = {},
  ): Promise<boolean> {
    return (await this.#submit([{ kind, tenant, key, value: undefined, ...options }])).length > 0;
  }

  async write(writes: readonly StateWrite[]): Promise<void> {
    await this.#submit(writes);
  }

  onChange<T>(kind: StateKind<T>, listener: (change: StateChange<T>) => void): () => void {
    const hear = (record: StateRecord): void => {
      const entry = record.json === null ? undefined : (this.#read(kind, record) ?? undefined);
      listener({ tenant: record.tenant, key: record.key, entry });
    };
    const listeners = this.#listeners.get(kind.name) ?? new Set();
    this.#listeners.set(kind.name, listeners.add(hear));
    return () => listeners.delete(hear);
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#queue.idle();
    await this.#log.close();
  }

  async #submit(writes: readonly StateWrite[]): Promise<Result> {
    if (this.#stopped) throw stateErrors.make('stopped', 'the state store is closed');
    const prepared = writes.map((write) => prepare(write, this.#options.config.entryBytes));
    const bytes = prepared.reduce((sum, { json }) => sum + (json?.length ?? 0) + 64, 0);
    return await this.#queue.add(prepared, bytes);
  }

  async #commit(batch: readonly Waiting<Request, Result>[]): Promise<void> {
    const { telemetry, log } = this.#options;
    const round = new Round(this.#entries, this.#log.nextPosition, this.#options);
    const results = batch.map((waiting) => round.decide(waiting.item));
    const requests = results.flatMap((r) =>
      Array.isArray(r.records) && r.records.length > 0 ? [r.records] : [],
    );
    if (requests.length > 0) {
      try {
        const { snapshot } = await this.#log.append(requests, () => this.#entries.all());
        if (snapshot) telemetry.snapshots.inc();
      } catch (cause) {
        log.error({ err: reasonOf(cause) }, 'the state store met a disk error');
        telemetry.writes.inc({ outcome: 'failed' }, batch.length);
        const error = stateErrors.make('failed', `nothing was changed: ${reasonOf(cause)}`, { cause });
        for (const waiting of batch) waiting.reject(error);
        return;
      }
    }
    for (const records of requests) for (const record of records) this.#entries.apply(record);
    for (const [index, waiting] of batch.entries()) {
      const result = results[index];
      if (result?.records !== undefined) waiting.resolve(result.records);
      else waiting.reject(result?.error);
      telemetry.writes.inc({ outcome: result?.error === undefined ? 'stored' : result.error.code });
    }
    for (const records of requests) for (const record of records) this.#notify(record);
  }

  #notify(record: StateRecord): void {
    for (const listener of this.#listeners.get(record.kind) ?? []) {
      try {
        listener(record);
      } catch (error) {
        this.#options.log.error({ kind: record.kind, err: reasonOf(error) }, 'a state listener failed');
      }
    }
  }

  /** Null when the kind does not accept the stored value; that is said once and counted. */
  #read<T>(kind: StateKind<T>, record: StateRecord): StateEntry<T> | null {
    const cached = this.#cache.get(record);
    if (cached?.kind === kind) return this.#typed<T>(cached.entry);
    const entry = entryOf(kind, record);
    this.#cache.set(record, { kind, entry });
    if (entry === null) {
      const { tenant, key, schemaVersion } = record;
      this.#options.telemetry.unreadable.inc({ kind: kind.name });
      this.#options.log.error(
        { kind: kind.name, tenant, key, schemaVersion, expected: kind.version },
        'a stored value is not what its kind expects: it is kept and not shown',
      );
    }
    return entry;
  }

  #typed<T>(entry: StateEntry<unknown> | null): StateEntry<T> | null {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the cache is keyed by the kind that typed it
    return entry as StateEntry<T> | null;
  }
}

interface Decision {
  readonly records?: StateRecord[];
  readonly error?: PharosError;
}

/** Decides the requests of one batch in order, each on what those before it would leave behind. */
class Round {
  readonly #entries: Entries;
  readonly #options: StateStoreOptions;
  readonly #ahead = new Map<string, StateRecord>();
  #version: number;
  #bytes: number;

  constructor(entries: Entries, firstVersion: number, options: StateStoreOptions) {
    this.#entries = entries;
    this.#options = options;
    this.#version = firstVersion;
    this.#bytes = entries.bytes;
  }

  decide(request: Request): Decision {
    const mine = new Map<string, StateRecord>();
    const records: StateRecord[] = [];
    let bytes = this.#bytes;
    for (const { write, json } of request) {
      const id = JSON.stringify([write.kind.name, write.tenant, write.key]);
      const seen = mine.get(id) ?? this.#ahead.get(id) ?? this.#stored(write);
      const before = seen?.json === null ? undefined : seen;
      if (write.expected !== undefined && write.expected !== (before?.version ?? 'absent'))
        return { error: conflict(write, before) };
      if (json === null && before === undefined) continue;
      const record: StateRecord = {
        kind: write.kind.name,
        schemaVersion: write.kind.version,
        tenant: write.tenant,
        key: write.key,
        version: this.#version,
        updatedAt: this.#options.clock.now(),
        json,
      };
      bytes += recordBytes(record) - (before === undefined ? 0 : recordBytes(before));
      mine.set(id, record);
      records.push(record);
    }
    const { limitBytes } = this.#options.config;
    if (bytes > limitBytes && bytes > this.#bytes)
      return { error: stateErrors.make('full', `the state has ${this.#bytes} bytes, limit ${limitBytes}`) };
    for (const [id, record] of mine) this.#ahead.set(id, record);
    this.#bytes = bytes;
    if (records.length > 0) this.#version++;
    return { records };
  }

  #stored(write: StateWrite): StateRecord | undefined {
    return this.#entries.get(write.kind.name, write.tenant, write.key);
  }
}

function conflict(write: StateWrite, before: StateRecord | undefined): PharosError {
  const found = before === undefined ? 'absent' : `version ${before.version}`;
  const expected = write.expected === 'absent' ? 'absent' : `version ${write.expected}`;
  return stateErrors.make('conflict', `${write.kind.name} ${write.key} is ${found}, expected ${expected}`, {
    details: { key: write.key, ...(before === undefined ? {} : { version: before.version }) },
  });
}
