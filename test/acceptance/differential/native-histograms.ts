import type { Random } from '../../../packages/server/src/kernel/random.ts';
import type { TestHistogram } from '../../../packages/server/src/metrics/ingest/remote-write/testing/requests.ts';
import { HOURS } from './data.ts';

export interface HistogramSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly histograms: readonly TestHistogram[];
}

const INTERVAL_MS = 15_000;
const STEPS = (HOURS * 3_600_000) / INTERVAL_MS;
/** High enough that no rate's extrapolation reaches zero: there 3 stops and 2.42 does not. */
const FIRST_COUNT = 5_000;

/** Buckets of one layout: indexes of the filled ones, in order; which of them are filled changes with resets. */
function layout(random: Random): number[] {
  const indexes: number[] = [];
  for (let index = -4; index < 12; index++) if (random() < 0.6) indexes.push(index);
  return indexes.length === 0 ? [0] : indexes;
}

/** Spans (offset, length) of the indexes, and their counts as deltas (Prometheus' prompb). */
function encoded(
  indexes: readonly number[],
  counts: readonly number[],
): { spans: (readonly [number, number])[]; deltas: number[] } {
  const spans: [number, number][] = [];
  let end = 0;
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last !== undefined && index === end) last[1]++;
    else spans.push([index - end, 1]);
    end = index + 1;
  }
  return { spans, deltas: counts.map((count, i) => count - (counts[i - 1] ?? 0)) };
}

/**
 * Exponential histograms by instance and job: resets, after which buckets are others and the resolution may be coarser (as clients
 * make it), gaps, buckets on both sides of zero. Times end like those of data.ts.
 */
export function makeHistograms(random: Random, start: number): HistogramSeries[] {
  return ['a:1', 'b:2', 'c:3'].flatMap((instance) =>
    ['api', 'web'].map((job) => ({
      labels: { __name__: 'duration_seconds', instance, job },
      histograms: oneSeries(random, start + 125 * (1 + 2 * Math.floor(random() * 4))),
    })),
  );
}

function oneSeries(random: Random, start: number): TestHistogram[] {
  const histograms: TestHistogram[] = [];
  let [schema, positive, negative] = [3, layout(random), layout(random)];
  let [above, below, zero, sum, missing] = [[0], [0], 0, 0, 0];
  const begin = (): void => {
    if (random() < 0.4) schema = Math.max(0, schema - 1);
    positive = layout(random);
    negative = layout(random);
    above = positive.map(() => FIRST_COUNT + Math.floor(random() * 10));
    below = negative.map(() => FIRST_COUNT + Math.floor(random() * 10));
    zero = FIRST_COUNT;
    sum = FIRST_COUNT;
  };
  begin();
  for (let step = 0; step < STEPS; step++) {
    if (random() < 0.008) begin();
    const grown = (count: number): number => count + Math.floor(random() * 4);
    above = above.map(grown);
    below = below.map(grown);
    zero = grown(zero);
    sum += random() * 20;
    if (missing === 0 && random() < 0.01) missing = Math.floor(random() * 40);
    if (missing > 0) {
      missing--;
      continue;
    }
    const [up, down] = [encoded(positive, above), encoded(negative, below)];
    histograms.push({
      timestamp: start + step * INTERVAL_MS,
      schema,
      count: [...above, ...below].reduce((total, count) => total + count, zero),
      sum,
      zeroThreshold: 0.001,
      zeroCount: zero,
      positiveSpans: up.spans,
      positive: up.deltas,
      negativeSpans: down.spans,
      negative: down.deltas,
    });
  }
  return histograms;
}
