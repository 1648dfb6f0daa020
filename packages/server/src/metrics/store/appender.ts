import { type Labels, writeStaleMarker } from '@pharos/promql';
import type { Frame, Journal } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { AppendReport, CommitOptions, Exemplar, Rejection, SampleAppender, SeriesRef } from '../sink.ts';
import type { MetricsTelemetry } from '../telemetry.ts';
import { type Accepted, applyDoorRules, Rejections } from './door-rules.ts';
import type { Head } from './head/head.ts';
import { slotOf } from './head/series-pages.ts';
import { type KnownDays, type KnownSeries, NONE, SeriesToWrite } from './known-days.ts';
import { SampleRows } from './rows.ts';

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
  readonly telemetry: MetricsTelemetry;
}

const NOTHING_WRITTEN = { stored: 0, duplicates: 0 } as const;

const FIRST_CAPACITY = 1024;
/** A frame must fit one insert with room to spare; large requests become several frames of one append. */
const ROWS_PER_FRAME = 50_000;

/**
 * Collects one request's samples in columns, then makes them durable and visible: door rules, rows, one journal
 * append, head. Nothing is visible, and no series counts as known, before the fsync.
 */
export class StoreAppender implements SampleAppender {
  readonly #deps: AppenderDeps;
  readonly #tenant: string;
  #count = 0;
  #refs = new Uint32Array(FIRST_CAPACITY);
  #timestamps = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #unsupported = new Rejections();

  constructor(deps: AppenderDeps, tenant: string) {
    this.#deps = deps;
    this.#tenant = tenant;
  }

  resolve(labels: Labels): SeriesRef {
    const ref = this.#deps.head.resolve(this.#tenant, labels);
    if (ref < 0) this.#deps.telemetry.seriesRefused.inc();
    return ref;
  }

  append(ref: SeriesRef, timestamp: number, value: number): boolean {
    const at = this.#push(ref, timestamp);
    if (at < 0) return false;
    this.#values[at] = value;
    return true;
  }

  appendHistogram(ref: SeriesRef, timestamp: number): boolean {
    this.#unsupported.add('histogram', 'unsupported', ref, timestamp);
    return true;
  }

  appendExemplar(ref: SeriesRef, { timestamp }: Exemplar): boolean {
    this.#unsupported.add('exemplar', 'unsupported', ref, timestamp);
    return true;
  }

  appendStale(ref: SeriesRef, timestamp: number): boolean {
    const at = this.#push(ref, timestamp);
    if (at < 0) return false;
    writeStaleMarker(this.#values, at);
    return true;
  }

  async commit({ whole = false }: CommitOptions = {}): Promise<AppendReport> {
    const { journal, telemetry } = this.#deps;
    const accepted = this.#accept();
    const rejected = accepted.rejections.list();
    if (whole && rejected.some(({ kind }) => kind !== 'exemplar')) return this.#refuse(rejected);
    const unsupported = this.#unsupported;
    let created = 0;
    try {
      if (accepted.count > 0) {
        const { frames, known, newSeries } = this.#frames(accepted);
        const position = await journal.append(frames);
        for (const { ref, day } of known) this.#deps.knownDays.set(ref, day);
        this.#show(accepted, position);
        created = newSeries;
      }
    } finally {
      this.rollback();
    }
    const report = {
      samples: { stored: accepted.count, duplicates: accepted.duplicates },
      histograms: NOTHING_WRITTEN,
      exemplars: NOTHING_WRITTEN,
      rejected: [...accepted.rejections.list(), ...unsupported.list()],
      newSeries: created,
    };
    countReport(telemetry, report);
    return report;
  }

  #refuse(rejected: readonly Rejection[]): AppendReport {
    this.rollback();
    const nothing = { samples: NOTHING_WRITTEN, histograms: NOTHING_WRITTEN, exemplars: NOTHING_WRITTEN };
    const report = { ...nothing, rejected, newSeries: 0 };
    countReport(this.#deps.telemetry, report);
    return report;
  }

  rollback(): void {
    for (let i = 0; i < this.#count; i++) {
      const ref = this.#refs[i];
      const page = this.#deps.head.pageOf(ref);
      if (page !== undefined) page.inFlight[slotOf(ref)]--;
    }
    this.#count = 0;
    this.#unsupported = new Rejections();
  }

  /** The index to write the value at, or -1 when the series is gone. */
  #push(ref: SeriesRef, timestamp: number): number {
    const page = ref > 0 ? this.#deps.head.pageOf(ref) : undefined;
    if (page === undefined) return -1;
    page.inFlight[slotOf(ref)]++;
    if (this.#count === this.#refs.length) this.#grow();
    const at = this.#count++;
    this.#refs[at] = ref;
    this.#timestamps[at] = timestamp;
    return at;
  }

  #grow(): void {
    const capacity = this.#refs.length * 2;
    const refs = new Uint32Array(capacity);
    const timestamps = new Float64Array(capacity);
    const values = new Float64Array(capacity);
    refs.set(this.#refs);
    timestamps.set(this.#timestamps);
    values.set(this.#values);
    this.#refs = refs;
    this.#timestamps = timestamps;
    this.#values = values;
  }

  #accept(): Accepted {
    const { head, clock, window } = this.#deps;
    const now = clock.now();
    const times = { oldest: Math.max(0, now - window.pastMs), newest: now + window.futureMs };
    const collected = {
      count: this.#count,
      refs: this.#refs,
      timestamps: this.#timestamps,
      values: this.#values,
    };
    return applyDoorRules(head, collected, times);
  }

  #frames(accepted: Accepted): { frames: Frame[]; known: KnownSeries[]; newSeries: number } {
    const { head, knownDays, clock } = this.#deps;
    const now = clock.now();
    const frames: Frame[] = [];
    const known: KnownSeries[] = [];
    const newcomers = new Set<SeriesRef>();
    const words = new Uint32Array(this.#values.buffer);
    for (const [day, indices] of accepted.byDay) {
      const missing = new SeriesToWrite();
      const samples: Frame[] = [];
      for (let at = 0; at < indices.length; at += ROWS_PER_FRAME) {
        const part = indices.slice(at, at + ROWS_PER_FRAME);
        const rows = new SampleRows(this.#tenant, part.length);
        for (const i of part) {
          const ref = this.#refs[i];
          const page = head.pageOf(ref);
          if (page === undefined) continue;
          const slot = slotOf(ref);
          rows.add(page, slot, this.#timestamps[i], words, i);
          if (page.knownTo[slot] < 0) newcomers.add(ref);
          const missingDay = knownDays.missing(ref, page, day, now);
          if (missingDay !== NONE) missing.add(ref, missingDay);
        }
        samples.push(rows.frame(day));
      }
      frames.push(...missing.frames(this.#tenant, head), ...samples);
      known.push(...missing.list);
    }
    return { frames, known, newSeries: newcomers.size };
  }

  #show(accepted: Accepted, position: number): void {
    const { head } = this.#deps;
    for (const indices of accepted.byDay.values())
      for (const i of indices) head.insert(this.#refs[i], this.#timestamps[i], this.#values, i, position);
  }
}

function countReport(telemetry: MetricsTelemetry, report: AppendReport): void {
  telemetry.samplesAppended.inc(report.samples.stored);
  telemetry.samplesRejected.inc({ reason: 'duplicate' }, report.samples.duplicates);
  for (const { reason, count } of report.rejected) telemetry.samplesRejected.inc({ reason }, count);
}
