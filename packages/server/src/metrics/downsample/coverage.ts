import { z } from 'zod';
import type { StateKind, StateStore } from '../../journal/index.ts';

/** What is known of a day whose buckets were computed. */
export interface ComputedDay {
  /** The run whose rows are the day's buckets, in every resolution. */
  readonly run: number;
  /** What the samples' partition was when they were read; empty where it no longer counts. */
  readonly mark: string;
  /** How many samples stood at the midnight after it, and the newest insert of their partition when they were counted. */
  readonly midnight: { readonly rows: number; readonly newestInsert: number };
  readonly samples: number;
  /** Rows of samples that repeat another one's series and time. */
  readonly repeated: number;
  /** Retention has begun to drop the samples: the buckets are all there is, and stay as they are. */
  readonly sealed: boolean;
  /** Rows by resolution, narrow to wide. */
  readonly rows: readonly number[];
}

const dayKind: StateKind<ComputedDay> = {
  name: 'metrics.downsampled_day',
  version: 1,
  schema: z.strictObject({
    run: z.number(),
    mark: z.string(),
    midnight: z.strictObject({ rows: z.number(), newestInsert: z.number() }),
    samples: z.number(),
    // Of days computed before this was counted nobody knows.
    repeated: z.number().default(1),
    sealed: z.boolean(),
    rows: z.array(z.number()).readonly(),
  }),
};

const floorKind: StateKind<{ readonly day: number }> = {
  name: 'metrics.first_kept_day',
  version: 1,
  schema: z.strictObject({ day: z.number() }),
};

/** The days are of all tenants together, as partitions are; the state is kept under no tenant's name. */
const ALL_TENANTS = '(all)';

const keyOf = (day: number): string => String(day).padStart(6, '0');

/**
 * Which days have buckets that stand for all their samples. Kept in the StateStore: what counts is what it says, whatever rows a
 * killed run has left in the engine.
 */
export class Coverage {
  readonly #state: StateStore;
  readonly #days = new Map<number, ComputedDay>();
  readonly #floors = new Map<string, number>();
  #samplesFrom = Number.NEGATIVE_INFINITY;
  /** Days that got rows since they were computed, with the journal's position of the last of them. */
  readonly #late = new Map<number, number>();
  /** Counts {@link invalidate}: what was read before one may hold what is gone after it. */
  #invalidations = 0;
  /** Days before it were looked at by a sweep; none while 0. */
  #looked = 0;
  /** Of them, those whose buckets do not stand for their samples. */
  #dirty: ReadonlySet<number> = new Set();

  constructor(state: StateStore) {
    this.#state = state;
    for (const { key, value } of state.list(dayKind, ALL_TENANTS)) this.#set(Number(key), value);
    for (const { key, value } of state.list(floorKind, ALL_TENANTS)) this.#floors.set(key, value.day);
  }

  of(day: number): ComputedDay | undefined {
    return this.#days.get(day);
  }

  computed(): readonly (readonly [day: number, computed: ComputedDay])[] {
    return [...this.#days].sort(([a], [b]) => a - b);
  }

  /** The first day that retention has left of a table of buckets; minus infinity where it never dropped any. */
  floorOf(table: string): number {
    return this.#floors.get(table) ?? Number.NEGATIVE_INFINITY;
  }

  /** The day after the last one whose samples are gone; minus infinity where none are. */
  get samplesFrom(): number {
    return this.#samplesFrom;
  }

  /** Says durably that the samples of computed days before this one are going. */
  async seal(before: number): Promise<void> {
    for (const [day, computed] of this.computed())
      if (day < before && !computed.sealed) await this.record(day, { ...computed, sealed: true });
  }

  /** Says durably that a table's buckets of days before this one are going. */
  async raiseFloor(table: string, day: number): Promise<void> {
    if (!Number.isFinite(day) || day <= this.floorOf(table)) return;
    await this.#state.put(floorKind, ALL_TENANTS, table, { day });
    this.#floors.set(table, day);
  }

  /** The day's buckets from now on: durable when it resolves, and only then seen. */
  async record(day: number, computed: ComputedDay): Promise<void> {
    await this.#state.put(dayKind, ALL_TENANTS, keyOf(day), computed);
    this.#set(day, computed);
    this.#dirty = new Set([...this.#dirty].filter((other) => other !== day));
  }

  #set(day: number, computed: ComputedDay): void {
    this.#days.set(day, computed);
    if (computed.sealed) this.#samplesFrom = Math.max(this.#samplesFrom, day + 1);
  }

  async forget(day: number): Promise<void> {
    await this.#state.delete(dayKind, ALL_TENANTS, keyOf(day));
    this.#days.delete(day);
  }

  get invalidations(): number {
    return this.#invalidations;
  }

  /** Says durably that what the days' buckets were made of has changed. */
  async invalidate(from: number, to: number): Promise<void> {
    this.#invalidations++;
    for (const [day, computed] of this.computed()) {
      if (day < from || day > to || computed.sealed || computed.mark === '') continue;
      const changed = { ...computed, mark: '' };
      await this.#state.put(dayKind, ALL_TENANTS, keyOf(day), changed);
      this.#days.set(day, changed);
      this.#dirty = new Set([...this.#dirty, day]);
    }
  }

  /** Called for rows that became durable. */
  appended(days: Iterable<number>, position: number): void {
    for (const day of days) if (day < this.#looked) this.#late.set(day, position);
  }

  /** The position of the last row that came after a day was computed. */
  lateRows(day: number): number | undefined {
    return this.#late.get(day);
  }

  /** The day was read again with everything up to its last late row in the engine. */
  caughtUp(day: number, position: number | undefined): void {
    if (this.#late.get(day) === position) this.#late.delete(day);
  }

  /** A sweep saw every day before this one; these are to be computed. */
  swept(before: number, dirty: Iterable<number>): void {
    this.#looked = before;
    this.#dirty = new Set(dirty);
  }

  /** The first day whose samples are needed to compute it; infinity where none are. Before the first sweep any may be. */
  get firstNeeded(): number {
    if (this.#looked === 0) return Number.NEGATIVE_INFINITY;
    return Math.min(Number.POSITIVE_INFINITY, ...this.#dirty);
  }

  get dirtyDays(): number {
    return new Set([...this.#dirty, ...this.#late.keys()]).size;
  }

  /** Whether any sample of the days, both included, may be stored more than once. */
  anyRepeated(from: number, to: number): boolean {
    for (const [day, { repeated }] of this.#days) if (day >= from && day <= to && repeated > 0) return true;
    return false;
  }

  /** The first day, from `day` on, whose buckets do not stand for all its samples. */
  cleanUntil(day: number): number {
    let until = day;
    while (this.#stands(until)) until++;
    return until;
  }

  #stands(day: number): boolean {
    const computed = this.#days.get(day);
    if (computed?.sealed === true) return true;
    // Before the first sweep, older days without buckets are taken for days without samples.
    const looked = Math.max(this.#looked, this.#samplesFrom);
    return day < looked && computed?.mark !== '' && !this.#dirty.has(day) && !this.#late.has(day);
  }
}
