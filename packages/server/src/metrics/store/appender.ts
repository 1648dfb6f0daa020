import { type Histogram, type Labels, writeStaleMarker } from '@pharos/promql';
import type { Journal } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Coverage } from '../downsample/coverage.ts';
import { type LabelCeilings, overCeiling } from '../limits.ts';
import type { ChangeLog } from '../result-cache/change-log.ts';
import type {
  AppenderOptions,
  AppendReport,
  CommitOptions,
  Exemplar,
  Rejection,
  SampleAppender,
  SeriesRef,
  SeriesRefusal,
} from '../sink.ts';
import type { MetricsTelemetry } from '../telemetry.ts';
import { type AppendBuffers, type AppendColumns, NO_COLUMNS } from './append-buffers.ts';
import { type Accepted, type AcceptedTimes, applyDoorRules } from './door-rules.ts';
import type { ExemplarMemory } from './exemplars/memory.ts';
import { acceptExemplars, type PendingExemplar } from './exemplars/pending.ts';
import type { Head } from './head/head.ts';
import type { SeriesHolder } from './head/holders.ts';
import { slotOf } from './head/series-pages.ts';
import { encodeHistogram } from './histograms/codec.ts';
import type { HistogramMetrics } from './histograms/known-metrics.ts';
import type { KnownDays } from './known-days.ts';
import { type Columns, framesOf } from './request-frames.ts';
import type { SeriesHasher } from './series-key.ts';

/** Which sample times the doors accept, relative to the wall clock, ms. */
interface TimeWindow {
  readonly pastMs: number;
  readonly futureMs: number;
}

export interface AppenderDeps {
  readonly head: Head;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly window: TimeWindow;
  readonly knownDays: KnownDays;
  readonly hasher: SeriesHasher;
  readonly histogramMetrics: HistogramMetrics;
  readonly ceilings: LabelCeilings;
  readonly exemplarMemory: ExemplarMemory;
  readonly changes: ChangeLog;
  readonly buffers: AppendBuffers;
  readonly telemetry: MetricsTelemetry;
  /** Told of the days of samples that became durable. */
  readonly coverage: Pick<Coverage, 'appended'> | null;
}

const NOTHING_WRITTEN = { stored: 0, duplicates: 0 } as const;

/**
 * Collects one request's samples in columns, then makes them durable and visible: door rules, rows, one journal
 * append, head. Nothing is visible, and no series counts as known, before the fsync.
 */
export class StoreAppender implements SampleAppender, SeriesHolder {
  refusal: SeriesRefusal | null = null;
  readonly #deps: AppenderDeps;
  readonly #tenant: string;
  readonly #pastMs: number;
  #count = 0;
  #committing = false;
  #samples: AppendColumns = NO_COLUMNS;
  /** The time of all samples so far; not a number once they differ. */
  #time = Number.NaN;
  /** By index: the records of what is a native histogram. */
  #records: Map<number, Uint8Array> | null = null;
  #starts: Float64Array | null = null;
  /** Of frames that are not written yet. */
  readonly #payloads: Uint8Array<ArrayBuffer>[] = [];
  #exemplars: PendingExemplar[] = [];

  constructor(deps: AppenderDeps, { tenant, backfill = false }: AppenderOptions) {
    this.#deps = deps;
    this.#tenant = tenant;
    this.#pastMs = backfill ? Number.POSITIVE_INFINITY : deps.window.pastMs;
  }

  resolve(labels: Labels): SeriesRef {
    const { head, ceilings, telemetry } = this.#deps;
    const refusal = overCeiling(labels, ceilings);
    const ref = refusal === null ? head.resolve(this.#tenant, labels) : -1;
    if (ref < 0) {
      this.refusal = refusal ?? this.#full();
      telemetry.seriesRefused.inc({ reason: this.refusal.reason });
    }
    return ref;
  }

  #full(): SeriesRefusal {
    const { head } = this.#deps;
    const reason = head.limitMet(this.#tenant) ?? 'series_limit';
    const limit =
      reason === 'series_limit'
        ? `its limit of ${head.seriesLimit} active series`
        : `its limit of ${head.labelLimit} bytes of labels (metrics.label_memory): fewer or shorter ones are expected`;
    return { reason, message: `tenant "${this.#tenant}" has ${limit}` };
  }

  append(ref: SeriesRef, timestamp: number, value: number, start = 0): boolean {
    const at = this.#push(ref, timestamp);
    if (at < 0) return false;
    this.#samples.values[at] = value;
    if (start !== 0) this.#startAt(at, start);
    return true;
  }

  appendEach(refs: Uint32Array, values: Float64Array, count: number, timestamp: number): boolean {
    const { head } = this.#deps;
    for (let i = 0; i < count; i++) if (head.pageOf(refs[i]) === undefined) return false;
    if (count === 0) return true;
    const from = this.#count;
    if (from === 0) {
      this.#hold();
      this.#time = timestamp;
    } else if (timestamp !== this.#time) this.#time = Number.NaN;
    while (from + count > this.#samples.refs.length) this.#grow();
    const columns = this.#samples;
    // Most runs are short: views of them would cost more than the copies.
    for (let i = 0; i < count; i++) {
      columns.refs[from + i] = refs[i];
      columns.values[from + i] = values[i];
      columns.timestamps[from + i] = timestamp;
    }
    this.#count = from + count;
    return true;
  }

  appendHistogram(ref: SeriesRef, timestamp: number, histogram: Histogram, start = 0): boolean {
    const at = this.#push(ref, timestamp);
    if (at < 0) return false;
    this.#samples.values[at] = Number.NaN;
    this.#records ??= new Map();
    this.#records.set(at, encodeHistogram(histogram));
    if (start !== 0) this.#startAt(at, start);
    return true;
  }

  appendExemplar(ref: SeriesRef, exemplar: Exemplar): boolean {
    const page = ref > 0 ? this.#deps.head.pageOf(ref) : undefined;
    if (page === undefined) return false;
    this.#hold();
    this.#exemplars.push({ ref, exemplar });
    return true;
  }

  appendStale(ref: SeriesRef, timestamp: number): boolean {
    const at = this.#push(ref, timestamp);
    if (at < 0) return false;
    writeStaleMarker(this.#samples.values, at);
    return true;
  }

  async commit({ whole = false, patienceMs = 0 }: CommitOptions = {}): Promise<AppendReport> {
    const { head, hasher, journal, knownDays, exemplarMemory, clock, buffers, telemetry } = this.#deps;
    const columns = this.#columns();
    const times = this.#times();
    const accepted = applyDoorRules(head, columns, times);
    const exemplars = acceptExemplars(this.#exemplars, exemplarMemory, times, accepted.rejections);
    const rejected = accepted.rejections.list();
    if (whole && rejected.some(({ kind }) => kind !== 'exemplar')) return this.#refuse(rejected);
    let created = 0;
    this.#committing = true;
    try {
      if (accepted.byDay.size + exemplars.byDay.size > 0) {
        const { frames, known, newSeries } = framesOf(
          { head, hasher, knownDays, now: clock.now(), take: (bytes) => this.#take(bytes) },
          this.#tenant,
          { samples: accepted.byDay, exemplars: exemplars.byDay },
          columns,
        );
        const position = await journal.append(frames, patienceMs);
        this.#deps.coverage?.appended(accepted.byDay.keys(), position);
        for (const { ref, day } of known) knownDays.set(ref, day);
        this.#show(accepted, columns, position);
        for (const pending of exemplars.byDay.values())
          for (const { ref, exemplar } of pending) this.#showExemplar(ref, exemplar, position);
        created = newSeries;
      }
    } finally {
      this.#committing = false;
      for (const payload of this.#payloads.splice(0)) buffers.givePayload(payload);
      this.#release();
    }
    const report = {
      samples: accepted.samples,
      histograms: accepted.histograms,
      exemplars: exemplars.written,
      rejected,
      newSeries: created,
    };
    countReport(telemetry, report);
    return report;
  }

  #take(bytes: number): Uint8Array<ArrayBuffer> {
    const payload = this.#deps.buffers.payload(bytes);
    this.#payloads.push(payload);
    return payload;
  }

  #refuse(rejected: readonly Rejection[]): AppendReport {
    this.rollback();
    const nothing = { samples: NOTHING_WRITTEN, histograms: NOTHING_WRITTEN, exemplars: NOTHING_WRITTEN };
    const report = { ...nothing, rejected, newSeries: 0 };
    countReport(this.#deps.telemetry, report);
    return report;
  }

  /** Of no effect while a commit is under way, which ends by itself. */
  rollback(): void {
    if (!this.#committing) this.#release();
  }

  /** From the first sample on its series must stay in memory. */
  #hold(): void {
    if (this.#count === 0 && this.#exemplars.length === 0) this.#deps.head.holders.hold(this);
  }

  eachRef(visit: (ref: SeriesRef) => void): void {
    const { refs } = this.#samples;
    for (let i = 0; i < this.#count; i++) visit(refs[i]);
    for (const { ref } of this.#exemplars) visit(ref);
  }

  #release(): void {
    this.#deps.head.holders.letGo(this);
    this.#exemplars = [];
    this.#deps.buffers.give(this.#samples);
    this.#samples = NO_COLUMNS;
    this.#count = 0;
    this.#records = null;
    this.#starts = null;
  }

  /** The index to write the value at, or -1 when the series is gone. */
  #push(ref: SeriesRef, timestamp: number): number {
    const page = ref > 0 ? this.#deps.head.pageOf(ref) : undefined;
    if (page === undefined) return -1;
    if (this.#count === 0) {
      this.#hold();
      this.#time = timestamp;
    } else if (timestamp !== this.#time) this.#time = Number.NaN;
    if (this.#count === this.#samples.refs.length) this.#grow();
    const at = this.#count++;
    this.#samples.refs[at] = ref;
    this.#samples.timestamps[at] = timestamp;
    return at;
  }

  #startAt(at: number, start: number): void {
    this.#starts ??= new Float64Array(this.#samples.refs.length);
    this.#starts[at] = start;
  }

  #grow(): void {
    this.#samples = this.#deps.buffers.larger(this.#samples);
    if (this.#starts === null) return;
    const starts = new Float64Array(this.#samples.refs.length);
    starts.set(this.#starts);
    this.#starts = starts;
  }

  #times(): AcceptedTimes {
    const { clock, window } = this.#deps;
    const now = clock.now();
    return { oldest: Math.max(0, now - this.#pastMs), newest: now + window.futureMs };
  }

  #columns(): Columns {
    const { refs, timestamps, values } = this.#samples;
    return {
      count: this.#count,
      refs,
      timestamps,
      values,
      records: this.#records,
      starts: this.#starts,
      time: this.#time,
    };
  }

  /** Its series stays in memory until the exemplar is flushed too. */
  #showExemplar(ref: SeriesRef, exemplar: Exemplar, position: number): void {
    const page = this.#deps.head.pageOf(ref);
    if (page === undefined) return;
    page.position[slotOf(ref)] = Math.max(page.position[slotOf(ref)], position);
    this.#deps.exemplarMemory.add(ref, exemplar, position);
  }

  #show(accepted: Accepted, columns: Columns, position: number): void {
    const { head, histogramMetrics, changes } = this.#deps;
    const { refs, timestamps, values, records, starts } = columns;
    changes.note(this.#tenant, oldestOf(accepted, columns));
    if (records === null && starts === null) {
      for (const indices of accepted.byDay.values()) head.insertEach(columns, indices, position);
      return;
    }
    for (const indices of accepted.byDay.values()) {
      for (const i of indices) {
        const timestamp = timestamps[i];
        const start = starts?.[i] ?? 0;
        const record = records?.get(i);
        if (record !== undefined) {
          const page = head.pageOf(refs[i]);
          if (page !== undefined) histogramMetrics.add(this.#tenant, page.metric[slotOf(refs[i])]);
          head.insertRecord(refs[i], record, { timestamp, start, position });
        } else if (start !== 0) head.insertStarted(refs[i], values, i, { timestamp, start, position });
        else head.insert(refs[i], timestamp, values, i, position);
      }
    }
  }
}

/** Time of the oldest accepted sample; infinite where there is none. */
function oldestOf({ byDay }: Accepted, { timestamps, time }: Columns): number {
  let oldest = Number.POSITIVE_INFINITY;
  if (time === time) return byDay.size === 0 ? oldest : time;
  for (const indices of byDay.values()) for (const i of indices) oldest = Math.min(oldest, timestamps[i]);
  return oldest;
}

function countReport(telemetry: MetricsTelemetry, report: AppendReport): void {
  const { samples, histograms, exemplars, rejected } = report;
  if (exemplars.stored > 0) telemetry.exemplarsAppended.inc(exemplars.stored);
  telemetry.floatsAppended.add(samples.stored);
  telemetry.histogramsAppended.add(histograms.stored);
  const duplicates = samples.duplicates + histograms.duplicates;
  if (duplicates > 0) telemetry.samplesRejected.inc({ reason: 'duplicate' }, duplicates);
  for (const { kind, reason, count } of rejected) {
    if (kind === 'exemplar') telemetry.exemplarsRejected.inc({ reason }, count);
    else telemetry.samplesRejected.inc({ reason }, count);
  }
}
