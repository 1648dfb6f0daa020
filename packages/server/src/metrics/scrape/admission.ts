import type { MetricType } from '../ingest/exposition/metadata.ts';
import { decodeSeries } from '../ingest/exposition/series.ts';
import type { SampleAppender, SeriesRef } from '../sink.ts';
import type { Labeler } from './labels.ts';
import type { BodyTally, LimitName } from './outcome.ts';
import type { RawCache } from './raw_cache.ts';
import type { SeriesBudget } from './series_budget.ts';

/** What stands in the cache in place of a ref: a limit refused the series, or relabelling dropped it. */
export const REFUSED = -1;
export const DROPPED = -2;

/** Flags of a cache's entry: live since the last round, present in this one, and what its family declared. */
export const LIVE = 1;
export const PRESENT = 2;
const HISTOGRAM = 4;
const SUMMARY = 8;

/** No entry: the series may not be stored. */
const NOT_ADMITTED = -1;

/** Where a series' text stands, and the type its family declares. */
export interface SeriesAt {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  readonly type: MetricType | null;
}

export interface AdmissionPolicy {
  readonly labeler: Labeler;
  /** 0 means none. */
  readonly sampleLimit: number;
  /** For series not seen before. */
  readonly seriesBudget?: SeriesBudget;
}

/** Decides what becomes of a target's series that are not known, or not any more: labels, limits, a ref. */
export class SeriesAdmission {
  readonly #cache: RawCache;
  readonly #policy: AdmissionPolicy;
  readonly #tally: BodyTally;

  constructor(cache: RawCache, policy: AdmissionPolicy, tally: BodyTally) {
    this.#cache = cache;
    this.#policy = policy;
    this.#tally = tally;
  }

  /** Whether new series are only counted: the sample limit is reached, and the scrape fails. */
  isFull(): boolean {
    const limit = this.#policy.sampleLimit;
    if (limit === 0 || this.#tally.kept < limit) return false;
    this.#tally.kept++;
    return true;
  }

  /**
   * Takes an unknown series in; -1 when it may not be stored (then the sample is counted, or a problem is set, in the words of
   * `describe`).
   */
  admit(series: SeriesAt, appender: SampleAppender, describe: (problem: string) => string): number {
    const { bytes, view, start, end, type } = series;
    const tally = this.#tally;
    const budget = this.#policy.seriesBudget;
    if (budget?.take(this.#cache.count) === false) {
      tally.limited('target_series_limit', `the target has its limit of ${budget.limit} series`);
      tally.kept++;
      return NOT_ADMITTED;
    }
    const ref = this.#resolve(series, appender);
    if (typeof ref === 'string') {
      const reason = ref === NOT_UTF8 ? 'utf8' : 'invalid_series';
      tally.problem = { reason, message: describe(ref) };
      return NOT_ADMITTED;
    }
    // Refused for their labels: remembering them would hold the very bytes that are too many. They come again with every scrape.
    if (ref === REFUSED && this.#noteRefusal(appender) !== 'series_limit') {
      budget?.giveBack();
      tally.kept++;
      return NOT_ADMITTED;
    }
    const entry = this.#cache.insert(bytes, view, start, end, ref);
    this.#cache.flags[entry] = type === 'histogram' ? HISTOGRAM : type === 'summary' ? SUMMARY : 0;
    if (ref >= 0) tally.added++;
    return entry;
  }

  /** Resolves a cached entry once more: its ref was evicted, or a limit refused it earlier. */
  again(entry: number, appender: SampleAppender): SeriesRef {
    const cache = this.#cache;
    const start = cache.at[entry] ?? 0;
    const flag = cache.flags[entry] ?? 0;
    const type = (flag & HISTOGRAM) !== 0 ? 'histogram' : (flag & SUMMARY) !== 0 ? 'summary' : null;
    const end = start + (cache.length[entry] ?? 0);
    const ref = this.#resolve({ bytes: cache.arena, start, end, type }, appender);
    const settled = typeof ref === 'string' ? REFUSED : ref;
    cache.refs[entry] = settled;
    return settled;
  }

  #noteRefusal(appender: SampleAppender): LimitName {
    const { refusal } = appender;
    if (refusal === null) return 'series_limit';
    if (refusal.reason !== 'series_limit') this.#tally.limited(refusal.reason, refusal.message);
    return refusal.reason;
  }

  /** A ref, REFUSED, DROPPED, or a text that says what is wrong with the series. */
  #resolve(
    { bytes, start, end, type }: Omit<SeriesAt, 'view'>,
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
