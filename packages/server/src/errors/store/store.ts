import type { Engine } from '../../engine/index.ts';
import { DurableRows, type Journal, PendingRows, type StateStore } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Identities } from '../../kernel/identities.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import { inSlices } from '../../kernel/sliced.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { ErrorsConfig } from '../config.ts';
import { ErrorCounts } from '../error-counts.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorEvent } from '../event.ts';
import { GroupBatch, GroupRegistry } from '../groups/registry.ts';
import { SLICE_ERRORS } from '../limits.ts';
import { errorEventsTable } from '../tables.ts';
import { errorsTelemetry } from '../telemetry.ts';
import {
  chunkOf,
  chunksOf,
  dayOf,
  type ErrorChunk,
  EVENT_BYTES,
  frameOf,
  identitiesOf,
  type StoredError,
  without,
} from './chunk.ts';
import { ErrorReader } from './reader.ts';
import { flushedSince, learnIdentities } from './restart.ts';

export interface ErrorsStoreDeps {
  readonly engine: Engine;
  readonly journal: Journal;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly config: ErrorsConfig;
  /** How long events are kept, ms. */
  readonly keepMs: number;
  /** Lets others run. */
  readonly breathe: () => Promise<void>;
  /** Frames as the sources have them, where there is a source map. */
  readonly mapped?: ((tenant: string, event: ErrorEvent) => Promise<ErrorEvent>) | undefined;
}

/** What became of a request's errors. */
export interface StoreReport {
  readonly stored: number;
  readonly duplicates: number;
}

interface Waiting {
  readonly tenant: string;
  readonly events: readonly ErrorEvent[];
  readonly bytes: number;
  readonly resolve: (report: StoreReport) => void;
  readonly reject: (error: unknown) => void;
}

/** One commit takes at most so many. */
const BATCH_EVENTS = 2000;
const RETRY_AFTER_SECONDS = 5;
const REMEMBERED = 200_000;

/** Errors on their way to the disk: durable once, in their group, seen by readers at once. */
export class ErrorStore implements Service {
  readonly name = 'errors-store';
  readonly dependsOn = ['engine', 'journal', 'state'];
  readonly groups: GroupRegistry;
  readonly reader: ErrorReader;
  readonly telemetry: ReturnType<typeof errorsTelemetry>;
  readonly #deps: ErrorsStoreDeps;
  readonly #counts = new ErrorCounts(() => this.telemetry);
  readonly #pending = new PendingRows<ErrorChunk>(EVENT_BYTES);
  readonly #identities = new Identities(REMEMBERED);
  readonly #rows: DurableRows<ErrorChunk>;
  /** Durable, and not in their groups yet. */
  readonly #uncounted: ErrorChunk[] = [];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #draining = false;
  #sequence = 0;
  #unsubscribe = (): void => {};

  constructor(deps: ErrorsStoreDeps) {
    this.#deps = deps;
    const { engine, journal, state, clock, log, config, keepMs } = deps;
    this.groups = new GroupRegistry({
      state,
      clock,
      log,
      telemetry: () => this.telemetry,
      maxGroups: config.max_groups,
      keepMs,
    });
    this.telemetry = errorsTelemetry(deps.telemetry, () => ({
      groups: this.groups.size,
      pending: this.#pending.rows,
      pendingBytes: this.#pending.bytes,
    }));
    this.groups.onSignal((signal) => this.#counts.signal(signal));
    this.reader = new ErrorReader({
      engine,
      pending: (tenant) => this.#pending.of(tenant),
      groups: this.groups,
    });
    this.#rows = new DurableRows<ErrorChunk>({
      journal,
      identities: this.#identities,
      pending: this.#pending,
      identitiesOf: ({ tenant, errors }) =>
        identitiesOf({ tenant, ids: errors.map(({ event }) => event.id) }),
      without,
      frameOf,
      onStored: (chunk) => void this.#uncounted.push(chunk),
    });
  }

  /**
   * Stores errors of one tenant; durable and in their groups when it resolves. `bytes` is about what they take in memory. Rejects with `busy`, or as
   * the journal does: then nothing was stored.
   */
  async submit(tenant: string, events: readonly ErrorEvent[], bytes: number): Promise<StoreReport> {
    if (events.length === 0) return { stored: 0, duplicates: 0 };
    const { config, mapped } = this.#deps;
    if (this.#pending.bytes + this.#waitingBytes > config.pending_memory)
      throw errorsErrors.make(
        'busy',
        `${this.#pending.bytes + this.#waitingBytes} bytes of errors wait, at most ${config.pending_memory} may`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
    this.#waitingBytes += bytes;
    try {
      const ready = mapped === undefined ? events : await this.#mapped(tenant, events, mapped);
      return await new Promise<StoreReport>((resolve, reject) => {
        this.#waiting.push({ tenant, events: ready, bytes, resolve, reject });
        void this.#drain();
      });
    } finally {
      this.#waitingBytes -= bytes;
    }
  }

  async #mapped(
    tenant: string,
    events: readonly ErrorEvent[],
    mapped: NonNullable<ErrorsStoreDeps['mapped']>,
  ): Promise<readonly ErrorEvent[]> {
    const ready: ErrorEvent[] = [];
    for (const event of events) {
      ready.push(await mapped(tenant, event));
      if (ready.length % SLICE_ERRORS === 0) await this.#deps.breathe();
    }
    return ready;
  }

  async start(): Promise<void> {
    const { journal } = this.#deps;
    this.#unsubscribe = journal.onFlushed((position) => this.#pending.flushed(position));
    const applied = this.groups.load();
    const again: { readonly tenant: string; readonly error: StoredError }[] = [];
    await journal.replay((frame, position) => {
      if (frame.table !== errorEventsTable.name) return;
      const chunk = chunkOf(frame);
      this.#rows.restore(chunk, position);
      for (const error of chunk.errors)
        if (error.sequence > applied) again.push({ tenant: chunk.tenant, error });
    });
    again.push(...(await flushedSince(this.#deps, applied)));
    again.sort((a, b) => a.error.sequence - b.error.sequence);
    for (const [i, { tenant, error }] of again.entries()) {
      this.groups.apply(tenant, error, true);
      if (i % SLICE_ERRORS === 0) await this.#deps.breathe();
    }
    this.#sequence = Math.max(applied, again.at(-1)?.error.sequence ?? 0);
    await learnIdentities(this.#deps, this.#identities);
    this.groups.start();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.groups.stop();
  }

  /** One batch after the other, so that sequences rise in the order in which errors become durable. */
  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    while (this.#waiting.length > 0) await this.#commit(this.#takeBatch());
    this.#draining = false;
  }

  /** Requests of one tenant that wait, the oldest first. */
  #takeBatch(): readonly Waiting[] {
    const tenant = this.#waiting[0]?.tenant;
    const batch: Waiting[] = [];
    let events = 0;
    this.#waiting = this.#waiting.filter((request) => {
      const fits =
        request.tenant === tenant && (batch.length === 0 || events + request.events.length <= BATCH_EVENTS);
      if (fits) {
        batch.push(request);
        events += request.events.length;
      }
      return !fits;
    });
    return batch;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const tenant = batch[0]?.tenant ?? '';
    try {
      const groups = new GroupBatch();
      const once: ErrorEvent[] = [];
      const seen = new Set<string>();
      const reports = batch.map(({ events }) => {
        let duplicates = 0;
        for (const event of events) {
          // A repeat within the batch must not take its own day's row.
          if (seen.has(event.id)) duplicates++;
          else once.push(event);
          seen.add(event.id);
        }
        return duplicates;
      });
      // Day by day, as the rows are stored: a group leaves out what has a lower sequence than it counted already.
      const errors: StoredError[] = [];
      for (const event of once.toSorted((a, b) => dayOf(a) - dayOf(b))) {
        errors.push({ sequence: this.#next(), ...this.groups.assign(tenant, event, groups), event });
        if (errors.length % SLICE_ERRORS === 0) await this.#deps.breathe();
      }
      const chunks = await inSlices(chunksOf(tenant, errors), this.#deps.breathe);
      const { duplicates } = await this.#rows.store(chunks, () => ({ frames: [] }));
      this.groups.settle(tenant, groups);
      for (const { errors: durable } of this.#uncounted.splice(0)) await this.#count(tenant, durable);
      this.#settle(batch, reports, duplicates);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async #count(tenant: string, errors: readonly StoredError[]): Promise<void> {
    for (const [i, error] of errors.entries()) {
      this.groups.apply(tenant, error);
      this.#counts.stored(error.event, this.groups.currentId(tenant, error.group));
      if ((i + 1) % SLICE_ERRORS === 0) await this.#deps.breathe();
    }
  }

  /** Which request had the repeats of earlier ones is not told apart: the first ones that can have had them. */
  #settle(batch: readonly Waiting[], within: readonly number[], repeats: number): void {
    let left = repeats;
    for (const [i, { events, resolve }] of batch.entries()) {
      const own = within[i] ?? 0;
      const taken = Math.min(left, events.length - own);
      left -= taken;
      resolve({ stored: events.length - own - taken, duplicates: own + taken });
    }
  }

  /** Microseconds of the wall clock, always more than before. */
  #next(): number {
    this.#sequence = Math.max(this.#sequence + 1, this.#deps.clock.now() * 1000);
    return this.#sequence;
  }
}
