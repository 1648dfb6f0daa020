import type { Clock } from '../../kernel/clock.ts';
import type { ActiveSeries } from '../store/active-series.ts';
import { Slices } from './slices.ts';
import { Top } from './top.ts';

/** A series that had its first sample this recently is new. */
const FRESH_MS = 3_600_000;
/** A series without a sample for so long has ended, though it still takes memory. */
const ENDED_MS = 600_000;
const BUCKET_MS = 600_000;
const BUCKETS = 18;

interface SeriesCounts {
  readonly series: number;
  /** Of them first seen within the last hour. */
  readonly fresh: number;
  /** Of them without a sample in the last ten minutes. */
  readonly ended: number;
}
interface MetricCount extends SeriesCounts {
  readonly name: string;
}
interface LabelCount {
  readonly name: string;
  /** Distinct values. */
  readonly values: number;
  /** Series that carry the label. */
  readonly series: number;
  /** Characters of all distinct values. */
  readonly characters: number;
  /** Characters of the longest value. */
  readonly longest: number;
}
interface PairCount {
  readonly name: string;
  readonly value: string;
  readonly series: number;
}
interface TargetCount extends SeriesCounts {
  readonly name: string;
  readonly job: string;
  readonly instance: string;
}

/** Where the active series of one tenant come from, at one time. */
export interface CardinalityReport {
  /** ms. */
  readonly at: number;
  readonly totals: SeriesCounts & {
    readonly metrics: number;
    readonly labels: number;
    readonly pairs: number;
  };
  readonly metrics: readonly MetricCount[];
  /** Metrics by new series. */
  readonly churning: readonly MetricCount[];
  readonly labels: readonly LabelCount[];
  readonly pairs: readonly PairCount[];
  readonly targets: readonly TargetCount[];
  /** New series in ten-minute steps up to now, oldest first; older ones than the head remembers count as the oldest it has. */
  readonly arrivals: readonly { readonly start: number; readonly series: number }[];
}

interface Counting {
  series: number;
  fresh: number;
  ended: number;
}

const none = (): Counting => ({ series: 0, fresh: 0, ended: 0 });

/** Counts in slices, so that a million series stall nobody. What comes or goes meanwhile may or may not be counted. */
export async function countSeries(
  active: ActiveSeries,
  options: { readonly clock: Clock; readonly most: number; readonly signal?: AbortSignal },
): Promise<CardinalityReport> {
  const { clock, most, signal } = options;
  const slices = new Slices(clock, signal);
  const at = clock.now();
  const pass = new MetricPass(active, at, most);
  for (const [metric] of active.values('__name__')) {
    const refs = active.refs('__name__', metric);
    const count = none();
    for (let i = 0; i < refs.length; i++) {
      pass.take(refs[i], count);
      const pause = slices.step();
      if (pause !== null) await pause;
    }
    pass.metric(metric, count);
  }
  const { labels, pairs, pairCount, labelCount } = await countLabels(active, slices, most);
  const { total, metricCount } = pass;
  return {
    at,
    totals: { ...total, metrics: metricCount, labels: labelCount, pairs: pairCount },
    metrics: pass.bySeries.list(),
    churning: pass.byFresh.list().filter(({ fresh }) => fresh > 0),
    labels,
    pairs,
    targets: pass.targets(),
    arrivals: pass.arrivals(),
  };
}

/** Counts by metric, by target and by age in one walk over all series. */
class MetricPass {
  readonly total = none();
  readonly bySeries: Top<MetricCount>;
  readonly byFresh: Top<MetricCount>;
  metricCount = 0;
  readonly #active: ActiveSeries;
  readonly #at: number;
  readonly #most: number;
  readonly #byJob = new Map<string, Map<string, Counting>>();
  readonly #arrivals = new Float64Array(BUCKETS);

  constructor(active: ActiveSeries, at: number, most: number) {
    this.#active = active;
    this.#at = at;
    this.#most = most;
    this.bySeries = new Top(most, ({ series }) => series);
    this.byFresh = new Top(most, ({ fresh }) => fresh);
  }

  take(ref: number, metric: Counting): void {
    const span = this.#active.span(ref);
    const labels = this.#active.labelsOf(ref);
    if (span === null || labels === undefined) return;
    const fresh = Number(span.first > this.#at - FRESH_MS);
    const ended = Number(span.last < this.#at - ENDED_MS);
    for (const count of [metric, this.total, this.#target(labels.get('job'), labels.get('instance'))]) {
      count.series++;
      count.fresh += fresh;
      count.ended += ended;
    }
    const age = Math.floor((this.#at - span.first) / BUCKET_MS);
    this.#arrivals[BUCKETS - 1 - Math.min(BUCKETS - 1, Math.max(0, age))]++;
  }

  metric(name: string, count: Counting): void {
    this.metricCount++;
    const entry: MetricCount = { name, ...count };
    if (this.bySeries.wants(entry.series)) this.bySeries.add(entry);
    if (this.byFresh.wants(entry.fresh)) this.byFresh.add(entry);
  }

  targets(): readonly TargetCount[] {
    const top = new Top<TargetCount>(this.#most, ({ series }) => series);
    for (const [job, instances] of this.#byJob) {
      for (const [instance, count] of instances)
        if (top.wants(count.series)) top.add({ name: `${job} ${instance}`, job, instance, ...count });
    }
    return top.list();
  }

  arrivals(): { start: number; series: number }[] {
    return Array.from(this.#arrivals, (series, index) => ({
      start: this.#at - (BUCKETS - index) * BUCKET_MS,
      series,
    }));
  }

  #target(job: string, instance: string): Counting {
    let instances = this.#byJob.get(job);
    if (instances === undefined) this.#byJob.set(job, (instances = new Map<string, Counting>()));
    let count = instances.get(instance);
    if (count === undefined) instances.set(instance, (count = none()));
    return count;
  }
}

async function countLabels(active: ActiveSeries, slices: Slices, most: number) {
  const labels = new Top<LabelCount>(most, ({ values }) => values);
  const pairs = new Top<PairCount>(most, ({ series }) => series);
  let pairCount = 0;
  let labelCount = 0;
  for (const name of active.labelNames()) {
    const count = { name, values: 0, series: 0, characters: 0, longest: 0 };
    labelCount++;
    for (const [value, series] of active.values(name)) {
      count.values++;
      count.series += series;
      count.characters += value.length;
      count.longest = Math.max(count.longest, value.length);
      if (name !== '__name__' && pairs.wants(series)) pairs.add({ name, value, series });
      const pause = slices.step();
      if (pause !== null) await pause;
    }
    pairCount += count.values;
    labels.add(count);
  }
  return { labels: labels.list(), pairs: pairs.list(), pairCount, labelCount };
}
