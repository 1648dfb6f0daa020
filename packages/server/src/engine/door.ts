import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Clock, Timer } from '../kernel/clock.ts';
import { PharosError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { type SpareLimits, SpareMemory } from '../kernel/spare-memory.ts';
import { createAdmin } from './admin.ts';
import { setAsideBroken, tellsOfBrokenPart } from './broken-parts.ts';
import type { ColumnBlock } from './columns.ts';
import { engineErrors, isFull } from './errors.ts';
import type { EngineHost } from './host.ts';
import {
  checkBlock,
  insertError,
  renderInsert,
  renderInspect,
  renderNativeInsert,
  renderReconcile,
} from './insert.ts';
import { migrate } from './migrate.ts';
import { decodeNative } from './native.ts';
import type { NativeRows } from './native-block.ts';
import { nativeRows } from './native-rows.ts';
import { isPacked, nativePacked, unpacked } from './packed-rows.ts';
import { currentRecorder } from './recorder.ts';
import { checkTenant, renderSql, type Sql } from './sql.ts';
import { type IndexRows, schemaVersionOf, type TableSpec } from './tables.ts';
import type { EngineTelemetry } from './telemetry.ts';
import type { EngineStatus, InsertBlock, LimitClass, ManagedEngine, QueryOptions } from './types.ts';

export interface DoorOptions {
  /** Insert files are written here; emptied at start. */
  readonly ingestDirectory: string;
  /** Every table that may be read or written; created and migrated at start. */
  readonly tables: readonly TableSpec[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: EngineTelemetry;
}

/** Parts are found broken when the engine loads them or a repeat is compared with them, which is when this is looked at too; the look goes through every table's directory. */
const DETACHED_EVERY_MS = 10 * 60_000;
const MAX_STATEMENT_BYTES = 1_000_000;
const PURPOSE = /^[a-zA-Z0-9_.:-]{1,64}$/;

/** The door over a host: tenants, limits, files, columns, counters. Everything that knows our tables is here. */
export function createDoor(host: EngineHost, options: DoorOptions): ManagedEngine {
  return new Door(host, options).engine();
}

class Door {
  readonly #host: EngineHost;
  readonly #options: DoorOptions;
  readonly #metrics: EngineTelemetry;
  readonly #admin = createAdmin((text, limits) => this.#run(text, 'engine.admin', limits));
  #files = 0;
  /** Where columns are made before they are written; null while an insert has it. */
  #memory: SpareMemory | null = new SpareMemory(SPARE);
  #watch: Timer | null = null;
  #restarts = 0;
  readonly #running = new Set<{
    readonly purpose: string;
    readonly limits: LimitClass;
    readonly since: number;
  }>();

  constructor(host: EngineHost, options: DoorOptions) {
    this.#host = host;
    this.#options = options;
    this.#metrics = options.metrics;
    host.onState((state) => {
      this.#metrics.up.set(state === 'ready' ? 1 : 0);
      if (state !== 'down') return;
      this.#restarts++;
      this.#metrics.restarts.inc();
    });
  }

  engine(): ManagedEngine {
    return {
      query: (statement, options) => this.#query(statement, options),
      execute: async (statement, options) => {
        await this.#query(statement, { ...options, limits: options.limits ?? 'write' });
      },
      insert: (block, options) => this.#insert(block, options),
      state: () => this.#host.state(),
      status: () => this.#status(),
      onState: (listener) => this.#host.onState(listener),
      ...this.#admin,
      start: (signal) => this.#start(signal),
      stop: async (deadline) => {
        this.#watch?.cancel();
        await this.#host.stop(deadline);
      },
    };
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    const { ingestDirectory, clock, tables } = this.#options;
    await this.#host.start(signal);
    try {
      // Only now: until the engine holds the directory's lock, the files may be another server's.
      await mkdir(ingestDirectory, { recursive: true });
      for (const name of await readdir(ingestDirectory))
        await rm(join(ingestDirectory, name), { force: true });
      await migrate((text) => this.#run(text, 'engine.migrate', 'write', signal), tables, 'embedded');
    } catch (error) {
      await this.#host.stop();
      throw error;
    }
    await this.#countDetached();
    this.#host.onState((state) => {
      if (state === 'ready') void this.#countDetached();
    });
    this.#watch = clock.every(DETACHED_EVERY_MS, () => void this.#countDetached());
  }

  #status(): EngineStatus {
    const now = this.#options.clock.monotonic();
    return {
      state: this.#host.state(),
      process: this.#host.process(),
      restarts: this.#restarts,
      statements: [...this.#running].map(({ purpose, limits, since }) => ({
        purpose,
        limits,
        ageMs: now - since,
      })),
    };
  }

  async #query(statement: Sql, options: QueryOptions): Promise<ColumnBlock> {
    checkTenant(statement);
    const text = renderSql(statement, options.tenant);
    return decodeNative(
      await this.#run(text, options.purpose, options.limits ?? 'interactive', options.signal),
    );
  }

  async #run(text: string, purpose: string, limits: LimitClass, signal?: AbortSignal): Promise<Uint8Array> {
    if (!PURPOSE.test(purpose))
      throw engineErrors.make(
        'badQuery',
        `${JSON.stringify(purpose)} is not a purpose; expected ${PURPOSE.source}`,
      );
    if (text.length > MAX_STATEMENT_BYTES)
      throw engineErrors.make(
        'badQuery',
        `a statement of ${text.length} characters; expected at most ${MAX_STATEMENT_BYTES}`,
      );
    const { clock } = this.#options;
    const started = clock.monotonic();
    const recorder = currentRecorder();
    const tagged = `/* ${purpose}${recorder === undefined ? '' : ` query=${recorder.id}`} */ ${text}`;
    const running = { purpose, limits, since: started };
    this.#running.add(running);
    this.#metrics.inflight.inc({ class: limits });
    let result = 'ok';
    let bytes = 0;
    try {
      const answer = await this.#host.run({ text: tagged, limits, signal });
      bytes = answer.length;
      return answer;
    } catch (error) {
      result = error instanceof PharosError ? error.code.replace('engine.', '') : 'bug';
      throw error;
    } finally {
      this.#running.delete(running);
      this.#metrics.inflight.dec({ class: limits });
      this.#metrics.queries.inc({ purpose, result });
      const durationMs = clock.monotonic() - started;
      this.#metrics.duration.observe({ class: limits }, durationMs / 1_000);
      recorder?.add({ purpose, text: tagged, durationMs, bytes, result });
    }
  }

  async #insert(block: InsertBlock, options: Pick<QueryOptions, 'purpose' | 'signal'>): Promise<void> {
    const table = block.table.name;
    let file: string | null = null;
    let result = 'ok';
    const memory = this.#memory;
    this.#memory = null;
    try {
      checkBlock(block);
      if (block.table.index !== undefined) await this.#insertIndex(block.table.index, block, options);
      // A repeat compares rows, so the file holds them as they are.
      const native = block.reconcile ? null : asColumns(block, memory);
      const rows = native === null && isPacked(block.schemaVersion) ? unpacked(block) : block;
      file = await this.#write(block.table, native === null ? rows.payload : [native.bytes]);
      if (block.reconcile) await this.#reconcile(rows, file, options);
      else {
        const insert = native === null ? renderInsert(rows, file) : renderNativeInsert(rows, native, file);
        await this.#run(insert, options.purpose, 'write', options.signal);
      }
      this.#metrics.insertedRows.inc({ table }, block.rows);
      this.#metrics.insertedBytes.inc(
        { table },
        block.payload.reduce((sum, part) => sum + part.length, 0),
      );
    } catch (error) {
      const meaning = insertError(block.table, error);
      result = meaning instanceof PharosError ? meaning.code.replace('engine.', '') : 'bug';
      throw meaning;
    } finally {
      memory?.release();
      this.#memory ??= memory;
      this.#metrics.inserts.inc({ table, result });
      if (file !== null) await rm(file, { force: true });
    }
  }

  /** The index rows of a block, as often as the block is tried: those of an earlier try say the same. */
  async #insertIndex(
    { table, rowsOf }: IndexRows,
    block: InsertBlock,
    options: Pick<QueryOptions, 'purpose' | 'signal'>,
  ): Promise<void> {
    for (const piece of rowsOf(block)) {
      if (piece === null) await setImmediate();
      else {
        const { rows, payload } = piece;
        const day = block.day === undefined ? {} : { day: block.day };
        const schemaVersion = schemaVersionOf(table);
        await this.#insert(
          { table, schemaVersion, rows, ...day, payload: [payload], reconcile: false },
          options,
        );
      }
    }
  }

  async #reconcile(
    block: InsertBlock,
    file: string,
    options: Pick<QueryOptions, 'purpose' | 'signal'>,
  ): Promise<void> {
    const inspected = decodeNative(
      await this.#run(renderInspect(block, file), options.purpose, 'write', options.signal),
    );
    const rows = inspected.numbers('rows')[0];
    if (rows !== block.rows)
      throw engineErrors.make(
        'refused',
        `a block for ${block.table.name}: ${rows} rows; expected ${block.rows}`,
      );
    if (inspected.numbers('outside')[0] !== 0)
      throw engineErrors.make('refused', `a block for ${block.table.name}: times outside 1970 to 2105`);
    const insert = (): Promise<Uint8Array> =>
      this.#run(renderReconcile(block, file), options.purpose, 'write', options.signal);
    try {
      await insert();
    } catch (error) {
      // The file was read whole: what does not read is the table, which rows must not wait for.
      if (!tellsOfBrokenPart(error) || !(await this.#setAside(block))) throw error;
      await insert();
    }
  }

  /** Whether a part was set aside that stood in the way of a block. */
  async #setAside({ table, day }: InsertBlock): Promise<boolean> {
    if (day === undefined) return false;
    const run = (text: string, limits: LimitClass): Promise<Uint8Array> =>
      this.#run(text, 'engine.broken', limits);
    const broken = await setAsideBroken(run, table, day).catch((error: unknown) => {
      // Parts too large to look through: as if none was found, so that the block is not tried for ever.
      if (engineErrors.is(error, 'resource') && !isFull(error)) return [];
      throw error;
    });
    for (const { name, rows, path, message } of broken) {
      this.#metrics.partsSetAside.inc({ table: table.name });
      this.#options.log.error(
        { table: table.name, part: name, rows, path, err: message },
        'a stored part does not read: it was set aside with all its files, and its rows are in no answer',
      );
    }
    await this.#countDetached();
    return broken.length > 0;
  }

  /** Said each time, since it stays so until somebody looks after it. */
  async #countDetached(): Promise<void> {
    try {
      const parts = await this.#admin.detachedParts();
      this.#metrics.detachedParts.set(parts);
      if (parts > 0)
        this.#options.log.warn(
          { parts },
          'the engine set parts aside as broken; their rows are in no answer',
        );
    } catch {
      // The engine is down; the next look tells.
    }
  }

  /** Not fsynced: the journal holds the rows until the engine has them. */
  async #write(table: TableSpec, payload: readonly Uint8Array[]): Promise<string> {
    const path = join(this.#options.ingestDirectory, `${table.name}-${process.pid}-${this.#files++}.bin`);
    try {
      const file = await open(path, 'wx', 0o600);
      try {
        for (const piece of pieces(payload)) await file.writeFile(piece);
      } finally {
        await file.close();
      }
    } catch (cause) {
      await rm(path, { force: true });
      throw engineErrors.make('resource', `the insert file ${path} could not be written`, { cause });
    }
    return path;
  }
}

function asColumns(block: InsertBlock, memory: SpareMemory | null): NativeRows | null {
  const take = memory === null ? undefined : (bytes: number) => memory.take(bytes);
  return isPacked(block.schemaVersion) ? nativePacked(block, take) : nativeRows(block, take);
}

/** What is kept of the memory for columns, for the next insert. */
const SPARE: SpareLimits = { least: 3 * 1024 * 1024, most: 8 * 1024 * 1024 };

const PIECE_BYTES = 1024 * 1024;
/** A part as large as this is a piece of its own: copying it would cost more than the trip, and collecting what it was copied to. */
const LARGE_BYTES = 64 * 1024;

/** Small parts together: each write is a trip to another thread. */
function* pieces(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let open: Uint8Array[] = [];
  let bytes = 0;
  for (const part of parts) {
    const isLarge = part.length >= LARGE_BYTES;
    if (bytes > 0 && (isLarge || bytes + part.length > PIECE_BYTES)) {
      yield Buffer.concat(open);
      open = [];
      bytes = 0;
    }
    if (isLarge) yield part;
    else {
      open.push(part);
      bytes += part.length;
    }
  }
  if (bytes > 0) yield Buffer.concat(open);
}
