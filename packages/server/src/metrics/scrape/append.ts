import type { ExpositionReason } from '../ingest/exposition/errors.ts';
import { describeProblem } from '../ingest/exposition/errors.ts';
import { readExemplar } from '../ingest/exposition/exemplar.ts';
import type { MetricType } from '../ingest/exposition/metadata.ts';
import type { NativeSample } from '../ingest/exposition/protobuf.ts';
import { ENTRY, type ExpositionFormat, ExpositionScanner } from '../ingest/exposition/scanner.ts';
import { decodeSeries } from '../ingest/exposition/series.ts';
import type { Exemplar, MetricMetadata, SampleAppender, SeriesRef, SeriesRefusal } from '../sink.ts';
import type { Labeler } from './labels.ts';
import type { MetadataCache } from './metadata_cache.ts';
import { RawCache } from './raw_cache.ts';
import type { SeriesBudget } from './series_budget.ts';

/** Why a scraped body was refused. */
type BodyReason = ExpositionReason | 'invalid_series' | 'sample_limit';

export interface BodyProblem {
  readonly reason: BodyReason;
  readonly message: string;
}

export interface BodyOutcome {
  /** Samples the target exposed (as far as the body was read). */
  readonly scraped: number;
  /** Samples left after metric relabelling. */
  readonly kept: number;
  /** Series this target had not exposed before. */
  readonly seriesAdded: number;
  /** The same series twice in one body: the first counts. */
  readonly duplicates: number;
  /** Samples of series that a limit refused. */
  readonly refused: number;
  /** The limits that refused some of them. */
  readonly limits: readonly LimitHit[];
  readonly problem: BodyProblem | null;
}

/** The limits that can refuse a series of a target. */
export type LimitName =
  | 'target_series_limit'
  | 'body_size_limit'
  | 'sample_limit'
  | 'target_limit'
  | 'line_length'
  | SeriesRefusal['reason'];

/** A limit that a scrape met: how many samples were left out (all of them when it failed), and what was said of the first. */
export interface LimitHit {
  readonly limit: LimitName;
  readonly samples: number;
  readonly message: string;
}

export interface BodyPolicy {
  readonly labeler: Labeler;
  readonly honorTimestamps: boolean;
  /** Also mark series stale that carry their own timestamps. */
  readonly trackTimestamps: boolean;
  /** 0 means none. */
  readonly sampleLimit: number;
  /** For series not seen before. */
  readonly seriesBudget?: SeriesBudget;
  /** Lets other work run between slices of a large body. */
  readonly breathe: () => Promise<void>;
}

/** What a target exposed: text with one spare byte behind `length`, and native histograms that text cannot say. */
export interface ExposedBody {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly format: ExpositionFormat;
  readonly natives: readonly NativeSample[];
}

/** Where a series' text stands, and the type its family declares. */
interface SeriesAt {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  readonly type: MetricType | null;
}

const NOTHING: ReadonlySet<SeriesRef> = new Set();

const NOT_ADMITTED = -1;

const LIVE = 1;
const PRESENT = 2;
const HISTOGRAM = 4;
const SUMMARY = 8;

const REFUSED = -1;
const DROPPED = -2;
/** Rounds between attempts to have a refused series taken after all. */
const RETRY_REFUSED_ROUNDS = 16;

/** Work units between breaths: about 10 ms, when a known series costs 1 and a new one 20. */
const SLICE = 50_000;
const NEW_SERIES_COST = 20;

/**
 * What one target's series are, across scrapes: parses each body into an appender, remembers which series are live, and
 * writes staleness markers for those that are gone.
 */
export class TargetSeries {
  readonly #cache: RawCache;
  readonly #metadata: MetadataCache;
  readonly #scanners = {
    text: new ExpositionScanner('text'),
    openmetrics: new ExpositionScanner('openmetrics'),
  };
  #policy: BodyPolicy;
  #problem: BodyProblem | null = null;
  #kept = 0;
  #added = 0;
  #duplicates = 0;
  #refused = 0;
  readonly #limits = new Map<LimitName, { samples: number; readonly message: string }>();
  #type: MetricType | null = null;
  /** Live series of the loop this one replaced; those not exposed any more become stale with the first scrape. */
  #inherited: ReadonlySet<SeriesRef> = NOTHING;

  constructor(policy: BodyPolicy, metadata: MetadataCache, seed: number) {
    this.#policy = policy;
    this.#metadata = metadata;
    this.#cache = new RawCache(seed);
  }

  /** Series known and bytes held. */
  get size(): { readonly series: number; readonly bytes: number } {
    return { series: this.#cache.count, bytes: this.#cache.bytes + this.#metadata.bytes };
  }

  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#metadata.families;
  }

  /** The series that are live now. */
  liveRefs(): Set<SeriesRef> {
    const { refs, flags, count } = this.#cache;
    const live = new Set(this.#inherited);
    for (let entry = 0; entry < count; entry++) {
      if (((flags[entry] ?? 0) & LIVE) !== 0) live.add(refs[entry] ?? REFUSED);
    }
    return live;
  }

  inherit(live: ReadonlySet<SeriesRef>): void {
    this.#inherited = live;
  }

  /**
   * Parses a body into the appender. On a problem nothing of it may be committed: roll
   * back, then `markAllStale`. Otherwise `markVanished` belongs to the same commit, and `settle` follows it.
   */
  async append(
    { bytes: body, length, format, natives }: ExposedBody,
    timestamp: number,
    appender: SampleAppender,
  ): Promise<BodyOutcome> {
    const cache = this.#cache;
    const scanner = this.#scanners[format];
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    scanner.reset(body, length);
    this.#begin(scanner);
    let scraped = 0;
    let budget = SLICE;
    for (;;) {
      const predicted = cache.predicted();
      if (predicted >= 0) {
        scanner.expect(cache.arenaView, cache.at[predicted] ?? 0, cache.length[predicted] ?? 0);
      }
      const found = scanner.next();
      if (found === ENTRY.sample) {
        scraped++;
        let entry = scanner.expected
          ? predicted
          : cache.find(body, view, scanner.seriesStart, scanner.seriesEnd);
        if (entry < 0) {
          budget -= NEW_SERIES_COST + ((scanner.seriesEnd - scanner.seriesStart) >> 6);
          entry = this.#isFull() ? NOT_ADMITTED : this.#admitFrom(scanner, view, appender);
        }
        if (entry >= 0) this.#sample(entry, scanner, timestamp, appender);
      } else if (found === ENTRY.metadata) {
        const seen = this.#metadata.line(scanner, view);
        if (seen.problem !== null) this.#problem = { reason: 'metadata', message: seen.problem };
        else if (seen.type !== null) this.#type = seen.type;
      } else if (found === ENTRY.problem) {
        const problem = scanner.problem();
        this.#problem = { reason: problem.reason, message: describeProblem(problem) };
      } else {
        break;
      }
      if (this.#problem !== null) break;
      if (--budget <= 0) {
        budget = SLICE;
        await this.#policy.breathe();
      }
    }
    for (const native of natives) {
      if (this.#problem !== null) break;
      scraped++;
      this.#native(native, timestamp, appender);
      if (--budget <= 0) {
        budget = SLICE;
        await this.#policy.breathe();
      }
    }
    return this.#outcome(scraped);
  }

  /** Staleness markers for the series of the last scrape that this one did not expose. Returns how many. */
  markVanished(timestamp: number, appender: SampleAppender): number {
    const { refs, flags, count } = this.#cache;
    const gone = new Set(this.#inherited);
    for (let entry = 0; entry < count; entry++) {
      if ((flags[entry] ?? 0) % 4 === LIVE) gone.add(refs[entry] ?? REFUSED);
    }
    if (gone.size === 0) return 0;
    for (let entry = 0; entry < count; entry++) {
      if (((flags[entry] ?? 0) & PRESENT) !== 0) gone.delete(refs[entry] ?? REFUSED);
    }
    return appendStale(gone, timestamp, appender);
  }

  /** Staleness markers for every live series: the target failed, or is gone. */
  markAllStale(timestamp: number, appender: SampleAppender): number {
    return appendStale(this.liveRefs(), timestamp, appender);
  }

  /** After the commit: what is live now is what this round exposed, or nothing when it failed. */
  settle(exposed: boolean): void {
    const { flags, count } = this.#cache;
    for (let entry = 0; entry < count; entry++) {
      const flag = flags[entry] ?? 0;
      const live = exposed && (flag & PRESENT) !== 0;
      flags[entry] = (flag & ~(LIVE | PRESENT)) | (live ? LIVE : 0);
    }
    this.#inherited = NOTHING;
    this.#cache.endRound(exposed);
    this.#metadata.settle(exposed);
  }

  #begin(scanner: ExpositionScanner): void {
    const { flags, count } = this.#cache;
    for (let entry = 0; entry < count; entry++) flags[entry] = (flags[entry] ?? 0) & ~PRESENT;
    this.#cache.beginRound();
    this.#metadata.beginRound(scanner);
    this.#problem = null;
    this.#kept = 0;
    this.#added = 0;
    this.#duplicates = 0;
    this.#refused = 0;
    this.#limits.clear();
    this.#type = null;
  }

  #outcome(scraped: number): BodyOutcome {
    const limit = this.#policy.sampleLimit;
    if (this.#problem === null && limit > 0 && this.#kept > limit) {
      this.#problem = {
        reason: 'sample_limit',
        message: `sample limit exceeded: ${this.#kept} samples after relabelling, limit ${limit}`,
      };
    }
    return {
      scraped,
      kept: this.#kept,
      seriesAdded: this.#added,
      duplicates: this.#duplicates,
      refused: this.#refused,
      limits: [...this.#limits].map(([limit, hit]) => ({ limit, ...hit })),
      problem: this.#problem,
    };
  }

  #sample(entry: number, scanner: ExpositionScanner, timestamp: number, appender: SampleAppender): void {
    const cache = this.#cache;
    const policy = this.#policy;
    const ownTime = policy.honorTimestamps && scanner.hasTimestamp;
    const first = cache.touch(entry);
    let ref = cache.refs[entry] ?? DROPPED;
    if (ref === DROPPED) return;
    if (!first && !ownTime) {
      this.#duplicates++;
      return;
    }
    if (ref === REFUSED && first && cache.round % RETRY_REFUSED_ROUNDS === 0)
      ref = this.#again(entry, appender);
    this.#kept++;
    if (ref === REFUSED) {
      this.#limited('series_limit', 'the tenant has its limit of active series');
      return;
    }
    if (policy.sampleLimit > 0 && this.#kept > policy.sampleLimit) return;
    const time = ownTime ? scanner.timestamp : timestamp;
    if (!appender.append(ref, time, scanner.value)) {
      ref = this.#again(entry, appender);
      if (ref < 0 || !appender.append(ref, time, scanner.value)) {
        this.#refused++;
        return;
      }
    }
    if (!ownTime || policy.trackTimestamps) cache.flags[entry] |= PRESENT;
    if (scanner.exemplarStart >= 0) appendExemplar(ref, readExemplar(scanner, time), appender);
  }

  /** A native histogram, which its body says beside the text. */
  #native(sample: NativeSample, timestamp: number, appender: SampleAppender): void {
    const { series, type, histogram, start } = sample;
    const cache = this.#cache;
    const policy = this.#policy;
    const view = new DataView(series.buffer, series.byteOffset, series.byteLength);
    const at = { bytes: series, view, start: 0, end: series.length - 1, type };
    let entry = cache.find(series, view, at.start, at.end);
    if (entry < 0)
      entry = this.#admit(
        at,
        appender,
        (problem) => `${Buffer.from(series).toString().trimEnd()}: ${problem}`,
      );
    if (entry < 0) return;
    const ownTime = policy.honorTimestamps ? sample.timestamp : null;
    const first = cache.touch(entry);
    let ref = cache.refs[entry] ?? DROPPED;
    if (ref === DROPPED) return;
    if (!first && ownTime === null) {
      this.#duplicates++;
      return;
    }
    this.#kept++;
    if (policy.sampleLimit > 0 && this.#kept > policy.sampleLimit) return;
    const time = ownTime ?? timestamp;
    if (ref < 0 || !appender.appendHistogram(ref, time, histogram, start)) {
      ref = this.#again(entry, appender);
      if (ref < 0 || !appender.appendHistogram(ref, time, histogram, start)) {
        this.#refused++;
        return;
      }
    }
    if (ownTime === null || policy.trackTimestamps) cache.flags[entry] |= PRESENT;
    for (const exemplar of sample.exemplars)
      appendExemplar(
        ref,
        Number.isNaN(exemplar.timestamp) ? { ...exemplar, timestamp: time } : exemplar,
        appender,
      );
  }

  /** Whether new series are only counted: the sample limit is reached, and the scrape fails. */
  #isFull(): boolean {
    const limit = this.#policy.sampleLimit;
    if (limit === 0 || this.#kept < limit) return false;
    this.#kept++;
    return true;
  }

  #admitFrom(scanner: ExpositionScanner, view: DataView, appender: SampleAppender): number {
    const { bytes, seriesStart: start, seriesEnd: end } = scanner;
    return this.#admit({ bytes, view, start, end, type: this.#type }, appender, (problem) =>
      describeProblem(scanner.problemHere('labels', problem)),
    );
  }

  /**
   * Takes an unknown series in; -1 when it may not be stored (then the sample is counted, or a problem is set, in the words of
   * `describe`).
   */
  #admit(series: SeriesAt, appender: SampleAppender, describe: (problem: string) => string): number {
    const { bytes, view, start, end, type } = series;
    const budget = this.#policy.seriesBudget;
    if (budget?.take(this.#cache.count) === false) {
      this.#limited('target_series_limit', `the target has its limit of ${budget.limit} series`);
      this.#kept++;
      return -1;
    }
    const ref = this.#resolve(bytes, start, end, type, appender);
    if (typeof ref === 'string') {
      const reason = ref === NOT_UTF8 ? 'utf8' : 'invalid_series';
      this.#problem = { reason, message: describe(ref) };
      return -1;
    }
    // Refused for their labels for good: remembering them would hold the very bytes that are too many.
    if (ref === REFUSED && this.#noteRefusal(appender) !== 'series_limit') {
      this.#kept++;
      return -1;
    }
    const entry = this.#cache.insert(bytes, view, start, end, ref);
    this.#cache.flags[entry] = type === 'histogram' ? HISTOGRAM : type === 'summary' ? SUMMARY : 0;
    if (ref >= 0) this.#added++;
    return entry;
  }

  #noteRefusal(appender: SampleAppender): LimitName {
    const { refusal } = appender;
    if (refusal === null) return 'series_limit';
    if (refusal.reason !== 'series_limit') this.#limited(refusal.reason, refusal.message);
    return refusal.reason;
  }

  #limited(limit: LimitName, message: string): void {
    this.#refused++;
    const hit = this.#limits.get(limit);
    if (hit === undefined) this.#limits.set(limit, { samples: 1, message });
    else hit.samples++;
  }

  /** Resolves a cached entry once more: its ref was evicted, or a limit refused it earlier. */
  #again(entry: number, appender: SampleAppender): SeriesRef {
    const cache = this.#cache;
    const at = cache.at[entry] ?? 0;
    const flag = cache.flags[entry] ?? 0;
    const type = (flag & HISTOGRAM) !== 0 ? 'histogram' : (flag & SUMMARY) !== 0 ? 'summary' : null;
    const ref = this.#resolve(cache.arena, at, at + (cache.length[entry] ?? 0), type, appender);
    const settled = typeof ref === 'string' ? REFUSED : ref;
    cache.refs[entry] = settled;
    return settled;
  }

  /** A ref, REFUSED, DROPPED, or a text that says what is wrong with the series. */
  #resolve(
    bytes: Uint8Array,
    start: number,
    end: number,
    type: MetricType | null,
    appender: SampleAppender,
  ): SeriesRef | string {
    const pairs = decodeSeries(bytes, start, end);
    if (pairs === null) return NOT_UTF8;
    const result = this.#policy.labeler(pairs, type);
    if (result.kind === 'dropped') return DROPPED;
    if (result.kind === 'invalid') return result.message;
    return appender.resolve(result.labels);
  }
}

const NOT_UTF8 = 'a label is not valid UTF-8';

function appendExemplar(ref: SeriesRef, exemplar: Exemplar | null, appender: SampleAppender): void {
  if (exemplar !== null) appender.appendExemplar(ref, exemplar);
}

function appendStale(refs: ReadonlySet<SeriesRef>, timestamp: number, appender: SampleAppender): number {
  let marked = 0;
  for (const ref of refs) if (ref >= 0 && appender.appendStale(ref, timestamp)) marked++;
  return marked;
}
