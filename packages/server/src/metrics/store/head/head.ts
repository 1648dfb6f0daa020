import type { Labels, Matcher, SeriesColumns } from '@pharos/promql';
import type { SeriesHasher, SeriesKey } from '../series-key.ts';
import type { ColumnArena } from './column-arena.ts';
import { dropToFit } from './drop-to-fit.ts';
import type { HeadParts } from './head-parts.ts';
import { Holders } from './holders.ts';
import { LabelIndex } from './label-index.ts';
import { LateSamples } from './late-samples.ts';
import { OpenChunks } from './open-chunks.ts';
import { RichSide } from './rich-side.ts';
import { SampleFinder } from './sample-finder.ts';
import { type Placed, type PlainColumns, SampleWriter } from './sample-writer.ts';
import { ScanReader } from './scan-reader.ts';
import { type Selection, Selections } from './selection.ts';
import { type LabelsOf, SeriesLabels } from './series-labels.ts';
import { type SeriesPage, SeriesPages, slotOf } from './series-pages.ts';
import { type ReadWindow, SeriesReader } from './series-reader.ts';
import { Slabs } from './slabs.ts';
import type { HeadStats } from './stats.ts';

/*
 *   resolve(labels) ──> LabelIndex (per tenant) ──> ref
 *   insert(ref, t, v)
 *        t newest ───────────> open chunk (under 32 samples, as bytes) ──full──> sealed chunk in a slab ──> previous ...
 *        t inside open chunk ─> sorted in
 *        t older ────────────> LateSamples (TimeRows, as are those below)
 *   insertRecord(ref, record, t) ──> RecordColumns       starts of samples ──> StartRuns
 *   read(ref) = sealed chunks walked back to the start + open chunk, merged with late samples
 *   collect()  = oldest slabs dropped once flushed and aged (or over budget); `floor` rises behind them
 */

export interface HeadOptions {
  readonly hasher: SeriesHasher;
  /** Active series one tenant may have. */
  readonly seriesLimit: number;
  /** Bytes that the labels of one tenant's active series may take. */
  readonly labelBytes: number;
  /** Bytes of samples above which flushed ones are dropped before they age. */
  readonly budgetBytes: number;
  /** How long samples stay, counted from the newest ingested one, ms. */
  readonly windowMs: number;
}

/** What histograms and late samples may take of the budget: without bounds of their own they would push out what is recent. */
const RECORDS_SHARE = 1 / 2;
const LATE_SHARE = 1 / 4;
/** A series that had a sample so lately, ms, is likely to have the next one soon. */
const LIVELY_MS = 15 * 60_000;

interface TenantHead {
  readonly number: number;
  readonly name: string;
  readonly index: LabelIndex;
  readonly selections: Selections;
}

/** The label index and the recent samples of active series, in memory. Single-threaded; nothing here waits. */
export class Head {
  readonly #options: HeadOptions;
  readonly #pages = new SeriesPages();
  readonly #slabs = new Slabs();
  readonly #open = new OpenChunks();
  readonly #late = new LateSamples();
  readonly #rich = new RichSide();
  readonly #tenants = new Map<string, TenantHead>();
  readonly #tenantList: TenantHead[] = [];
  readonly holders = new Holders();
  readonly #labels = new SeriesLabels((page, slot) =>
    this.#tenantList[page.tenant[slot] - 1].index.labelsAt(page, slot),
  );
  readonly #parts: HeadParts = {
    pages: this.#pages,
    slabs: this.#slabs,
    open: this.#open,
    late: this.#late,
    rich: this.#rich,
    labelsOf: (ref) => this.labelsOf(ref),
  };
  readonly #reader = new SeriesReader(this.#parts);
  readonly #writer = new SampleWriter(this.#parts, this.#reader);
  #floor = Number.NEGATIVE_INFINITY;
  #engineGeneration = 0;
  #request = 0;
  /** Series made since the last collection may still wait for their first sample. */
  #settled = 0;

  constructor(options: HeadOptions) {
    this.#options = options;
  }

  /** T: at and above it the head holds every accepted sample; below it the engine must be asked too. Only rises. */
  get floor(): number {
    return this.#floor;
  }

  /** Newest sample time ever inserted, ms. */
  get newest(): number {
    return this.#writer.newest;
  }

  /** Rises when the engine may answer otherwise than before, as when series leave the head: caches over it look again. */
  get engineGeneration(): number {
    return this.#engineGeneration;
  }

  /** Active series one tenant may have. */
  get seriesLimit(): number {
    return this.#options.seriesLimit;
  }

  /** Bytes that the labels of one tenant's active series may take. */
  get labelLimit(): number {
    return this.#options.labelBytes;
  }

  /** Answers of the engine may be other ones now: what waited beside the head for its series is with the engine alone. */
  engineAnswersChanged(): void {
    this.#engineGeneration++;
  }

  raiseFloor(floor: number): void {
    this.#floor = Math.max(this.#floor, floor);
  }

  /** The ref of a label set, created when new; -1 when a limit of the tenant refuses it: see `limitMet`. */
  resolve(tenantName: string, labels: Labels): number {
    const tenant = this.#tenant(tenantName);
    const key = this.#options.hasher.keyOf(labels);
    const known = tenant.index.keys.get(key);
    if (known !== 0) return known;
    if (this.limitMet(tenantName) !== null) return -1;
    const pairs = tenant.index.pairsOf(labels);
    const ref = this.#pages.add({ tenant: tenant.number, key, pairs });
    tenant.index.add(ref, pairs);
    return ref;
  }

  /** The limit that keeps new series of a tenant out; null for none. */
  limitMet(tenantName: string): 'series_limit' | 'label_memory' | null {
    const index = this.#tenants.get(tenantName)?.index;
    if (index === undefined) return null;
    if (index.size >= this.#options.seriesLimit) return 'series_limit';
    return index.labelBytes >= this.#options.labelBytes ? 'label_memory' : null;
  }

  /** The ref of a stored key, or 0. */
  refOf(tenantName: string, key: SeriesKey): number {
    return this.#tenants.get(tenantName)?.index.keys.get(key) ?? 0;
  }

  /** The page that holds a living series' state, or undefined when it was evicted. */
  pageOf(ref: number): SeriesPage | undefined {
    return this.#pages.pageOf(ref);
  }

  readonly labelsOf: LabelsOf = (ref) => {
    const page = this.#pages.pageOf(ref);
    return page === undefined ? undefined : this.#labels.of(ref, page);
  };

  /** The same without keeping what is made: for who needs it once. */
  labelsOnce(ref: number): Labels | undefined {
    const page = this.#pages.pageOf(ref);
    return page === undefined ? undefined : this.#labels.once(ref, page);
  }

  /**
   * Makes `values[at]` of the series visible. False when the head already has a sample of that time: the first one stays.
   * The value comes by array and index, so that a staleness marker keeps its bits.
   */
  insert(ref: number, timestamp: number, values: Float64Array, at: number, position: number): boolean {
    return this.#writer.insert(ref, timestamp, values, at, position);
  }

  /** The same for the samples at some indices of columns. */
  insertEach(columns: PlainColumns, indices: Uint32Array, position: number): void {
    this.#writer.insertEach(columns, indices, position);
  }

  /** The same for a sample that knows when its counting began. */
  insertStarted(ref: number, values: Float64Array, at: number, sample: Placed): boolean {
    return this.#writer.insertStarted(ref, values, at, sample);
  }

  /** The same for a native histogram, by its record, which is copied. */
  insertRecord(ref: number, record: Uint8Array, at: Placed): boolean {
    return this.#writer.insertRecord(ref, record, at);
  }

  /** The record of the series' histogram of exactly this time, or undefined. Valid until the next insertion. */
  recordAt(ref: number, timestamp: number): Uint8Array | undefined {
    return this.#rich.records.at(ref, timestamp);
  }

  /** The tenant's series that all matchers accept, whether they have samples of a time or not; undefined for none at all. */
  selection(tenantName: string, matchers: readonly Matcher[]): Selection | undefined {
    return this.#tenants.get(tenantName)?.selections.of(matchers);
  }

  /** Whether the series may have a sample in (start, end]: by its first and last one. */
  isActive(ref: number, startExclusive: number, end: number): boolean {
    const page = this.#pages.pageOf(ref);
    if (page === undefined) return false;
    const slot = slotOf(ref);
    return page.lastTimestamp[slot] > startExclusive && page.firstTimestamp[slot] <= end;
  }

  /** Refs of the tenant's series that all matchers accept and that may have a sample in (start, end]. */
  select(tenantName: string, matchers: readonly Matcher[], startExclusive: number, end: number): number[] {
    const found: number[] = [];
    for (const ref of this.selection(tenantName, matchers)?.refs ?? [])
      if (this.isActive(ref, startExclusive, end)) found.push(ref);
    return found;
  }

  /**
   * The series' samples in (startExclusive, end]; null when there is none. Floats are written to the arena; a series with
   * histograms, or with start times when these are wanted, has columns of its own.
   */
  read(
    ref: number,
    startExclusive: number,
    end: number,
    arena: ColumnArena,
    wantStarts = false,
  ): SeriesColumns | null {
    return this.#reader.read(ref, { startExclusive, end, wantStarts }, arena);
  }

  /** Reads series one after the other, each valid until the next. */
  scan(window: ReadWindow): ScanReader {
    return new ScanReader(this.#parts, window);
  }

  /** Finds single float samples, while nothing is inserted. */
  finder(): SampleFinder {
    return new SampleFinder(this.#parts);
  }

  /** A number for one pass of door rules over the pages' scratch columns. */
  nextRequest(): number {
    this.#request = (this.#request + 1) >>> 0;
    return this.#request;
  }

  /** The tenant's label index, or undefined when it has no series. */
  indexOf(tenantName: string): LabelIndex | undefined {
    return this.#tenants.get(tenantName)?.index;
  }

  tenants(): IterableIterator<string> {
    return this.#tenants.keys();
  }

  /**
   * Frees what is flushed to the engine and older than the window (or over the budget), then forgets series that
   * have nothing left. `floor` rises above everything dropped. Samples newer than `latest` do not move the window: they are
   * left from a clock that was wrong.
   */
  collect(flushed: number, latest: number): void {
    const { budgetBytes, windowMs } = this.#options;
    const horizon = Math.min(this.#writer.newest, latest) - windowMs;
    const below = Math.max(horizon, this.#floor);
    this.raiseFloor(dropToFit(this.#rich.records, below, flushed, budgetBytes * RECORDS_SHARE) + 1);
    const lateBudget = budgetBytes * LATE_SHARE;
    this.raiseFloor(dropToFit(this.#late, below, flushed, lateBudget) + 1);
    // An import that is on its way to the engine passes: what is recent does not leave for it.
    const others = this.#rich.records.bytes + Math.min(this.#late.bytes, lateBudget);
    for (let slab = this.#slabs.oldest(); slab !== undefined; slab = this.#slabs.oldest()) {
      const aged = slab.maxTimestamp < horizon;
      const over = this.#slabs.bytes + others > budgetBytes;
      if (slab.position > flushed || !(aged || over)) break;
      this.raiseFloor(slab.maxTimestamp + 1);
      this.#slabs.dropOldest();
    }
    // The floor may lie ahead of living series, as after a start without the engine: to make them anew would cost more than they take.
    const lively = Math.min(this.#writer.newest, latest) - LIVELY_MS;
    this.#evict(Math.max(horizon, Math.min(this.#floor, lively)), flushed);
    const isFlushed = (ref: number): boolean =>
      (this.#pages.pageOf(ref)?.position[slotOf(ref)] ?? 0) <= flushed;
    this.#rich.starts.dropBefore(this.#floor, isFlushed);
  }

  stats(): HeadStats {
    let series = 0;
    let keyBytes = 0;
    let labelBytes = 0;
    for (const { index } of this.#tenantList) {
      series += index.size;
      keyBytes += index.keys.bytes;
      labelBytes += index.labelBytes;
    }
    return {
      series,
      chunks: this.#writer.chunks,
      chunkBytes: this.#slabs.bytes,
      histograms: this.#rich.records.samples,
      histogramBytes: this.#rich.records.bytes,
      seriesBytes: this.#pages.bytes + this.#open.bytes + keyBytes,
      labelBytes,
      lateSamples: this.#late.total,
      lateBytes: this.#late.bytes,
      floor: this.#floor,
      newest: this.#writer.newest,
    };
  }

  seriesOf(tenantName: string): number {
    return this.#tenants.get(tenantName)?.index.size ?? 0;
  }

  #tenant(name: string): TenantHead {
    let tenant = this.#tenants.get(name);
    if (tenant === undefined) {
      const index = new LabelIndex(this.#pages);
      const selections = new Selections(index, this.#pages, this.labelsOf);
      tenant = { number: this.#tenantList.length, name, index, selections };
      this.#tenants.set(name, tenant);
      this.#tenantList.push(tenant);
    }
    return tenant;
  }

  #evict(below: number, flushed: number): void {
    const found = new Set<number>();
    this.#pages.forEach((ref, page, slot) => {
      const last = page.lastTimestamp[slot];
      const unused = last === Number.NEGATIVE_INFINITY;
      if (unused ? ref >= this.#settled : last >= below) return;
      if (page.position[slot] <= flushed) found.add(ref);
    });
    this.#settled = this.#pages.end;
    if (found.size === 0) return;
    this.holders.spare(found);
    const gone = new Map<TenantHead, Set<number>>();
    for (const ref of found) {
      const page = this.#pages.pageOf(ref);
      if (page === undefined) continue;
      const slot = slotOf(ref);
      const tenant = this.#tenantList[page.tenant[slot] - 1];
      let refs = gone.get(tenant);
      if (refs === undefined) gone.set(tenant, (refs = new Set()));
      refs.add(ref);
      this.raiseFloor(page.lastTimestamp[slot] + 1);
    }
    for (const [tenant, refs] of gone) {
      tenant.index.remove(refs);
      for (const ref of refs) this.#forget(ref);
      this.#engineGeneration += refs.size;
    }
  }

  #forget(ref: number): void {
    const page = this.#pages.pageOf(ref);
    if (page === undefined) return;
    this.#open.drop(page, slotOf(ref));
    this.#pages.remove(ref);
    this.#labels.forget(ref, page);
    this.#late.forget(ref);
    this.#rich.forget(ref);
  }
}
