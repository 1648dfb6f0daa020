import type { Histogram, Labels } from '@pharos/promql';
import { type Sliced, visitSliced } from '../../kernel/sliced.ts';
import type { RuleSample } from './state/evaluate.ts';
import type { RuleState, WrittenSeries } from './state/rule-state.ts';

/** What rules write their series by: the metrics store, as far as it is needed. Refs are -1 where a limit refused the series. */
export interface RuleSeriesStore {
  appender(): RuleAppender;
}

export interface RuleAppender {
  resolve(labels: Labels): number;
  readonly refusal: { readonly message: string } | null;
  append(ref: number, timestamp: number, value: number): boolean;
  appendHistogram(ref: number, timestamp: number, histogram: Histogram): boolean;
  appendStale(ref: number, timestamp: number): boolean;
  commit(): Promise<WriteReport>;
}

export interface WriteReport {
  readonly rejected: readonly { readonly reason: string; readonly count: number }[];
}

/** What one rule wants written, until it is durable. */
interface Pending {
  readonly state: RuleState;
  readonly series: ReadonlyMap<string, WrittenSeries>;
}

/**
 * What the rules of one evaluation write. Rules share a commit until one of them wants to read what another has written: a commit is a
 * write to disk, and most rules of a group read nothing of each other.
 */
export class RuleWriter {
  readonly #store: RuleSeriesStore;
  #appender: RuleAppender | null = null;
  #pending: Pending[] = [];
  readonly #names = new Set<string>();

  constructor(store: RuleSeriesStore) {
    this.#store = store;
  }

  /** Names of metrics that are written and not yet to be read. */
  get unread(): ReadonlySet<string> {
    return this.#names;
  }

  /**
   * Takes the samples of a rule, and the end of each series that it does not have any more. The answer is why some of it cannot be
   * written, if so.
   */
  *write(state: RuleState, samples: readonly RuleSample[], timestamp: number): Sliced<string | undefined> {
    const appender = this.#open();
    const series = new Map<string, WrittenSeries>();
    let refusal: string | undefined;
    yield* visitSliced(samples, (sample) => {
      const { key } = sample.labels;
      const known = state.series.get(key) ?? { labels: sample.labels, ref: -1 };
      if (this.#append(known, sample, timestamp, appender)) series.set(key, known);
      else refusal ??= appender.refusal?.message ?? `${sample.labels.toString()} could not be written`;
      this.#names.add(sample.labels.metricName);
    });
    this.end(
      [...state.series].flatMap(([key, known]) => (series.has(key) ? [] : [known])),
      timestamp,
    );
    this.#pending.push({ state, series });
    return refusal;
  }

  /** Ends series. */
  end(series: Iterable<WrittenSeries>, timestamp: number): void {
    for (const { ref, labels } of series) {
      if (ref >= 0) this.#open().appendStale(ref, timestamp);
      this.#names.add(labels.metricName);
    }
  }

  /** Makes everything taken so far durable and readable. Rejects where nothing of it could be written; it is then given up. */
  async commit(): Promise<WriteReport> {
    const [appender, pending] = [this.#appender, this.#pending];
    this.#appender = null;
    this.#pending = [];
    this.#names.clear();
    if (appender === null) return { rejected: [] };
    try {
      const report = await appender.commit();
      for (const { state, series } of pending) state.series = series;
      return report;
    } catch (error) {
      for (const { state } of pending) {
        state.health = 'err';
        state.lastError = error instanceof Error ? error.message : String(error);
      }
      throw error;
    }
  }

  #open(): RuleAppender {
    this.#appender ??= this.#store.appender();
    return this.#appender;
  }

  /** A series that the store has let go of meanwhile is asked for again. */
  #append(known: WrittenSeries, sample: RuleSample, timestamp: number, appender: RuleAppender): boolean {
    const { histogram, value } = sample;
    const append = (): boolean =>
      histogram === undefined
        ? appender.append(known.ref, timestamp, value)
        : appender.appendHistogram(known.ref, timestamp, histogram);
    if (known.ref >= 0 && append()) return true;
    known.ref = appender.resolve(known.labels);
    return known.ref >= 0 && append();
  }
}
