import { Labels } from '@pharos/promql';
import type { Random } from '../../../packages/server/src/kernel/random.ts';

/** One series of the test data; times in ms, strictly rising. */
export interface DataSeries {
  readonly labels: Labels;
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
}

export const START = 1_700_000_000_000;
export const HOURS = 2;
const INTERVAL = 15_000;
const STEPS = (HOURS * 3_600_000) / INTERVAL;

/**
 * Two hours of counters (with resets), gauges, histograms, gaps and odd values. Sample times end in an eighth of a
 * second that queries, on whole seconds, never touch: closed and left-open ranges agree, and the text form is exact.
 */
export function makeData(random: Random, start = START): DataSeries[] {
  const all: DataSeries[] = [];
  const add = (name: string, labels: Record<string, string>, values: (number | null)[]): void => {
    const offset = 125 * (1 + 2 * Math.floor(random() * 4)) + 1000 * Math.floor(random() * 14);
    const timestamps: number[] = [];
    const present: number[] = [];
    for (const [i, value] of values.entries()) {
      if (value === null) continue;
      timestamps.push(start + i * INTERVAL + offset);
      present.push(value);
    }
    all.push({ labels: Labels.fromRecord({ __name__: name, ...labels }), timestamps, values: present });
  };
  for (const instance of ['a:1', 'b:2', 'c:3']) {
    for (const job of ['api', 'web']) {
      const place = { instance, job };
      for (const code of ['200', '404', '500'])
        add('requests_total', { ...place, code }, counter(random, 0.2 + random() * 5, 0.004));
      add(
        'memory_bytes',
        place,
        walk(random, 4e8, 3e6).map((v) => v && Math.round(v)),
      );
      add('temperature', place, walk(random, 20, 0.7));
      add('limit_bytes', place, walk(random, 1e9, 0));
    }
    add('sparse', { instance }, gaps(random, walk(random, 5, 1)));
    add('sparse_total', { instance }, gaps(random, counter(random, 2, 0)));
    add(
      'build_info',
      { instance, version: instance === 'a:1' ? '1.0' : '1.1', branch: 'main' },
      walk(random, 1, 0),
    );
    add('negative', { instance }, walk(random, -3, 2));
    histogram(random, { instance }, add);
  }
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1e-300, 1e300];
  add(
    'odd',
    { kind: 'mixed' },
    range(() => odd[Math.floor(random() * odd.length)] ?? 0),
  );
  add(
    'steps',
    { kind: 'integers' },
    range((i) => Math.floor(i / 7) % 5),
  );
  return all;
}

type Add = (name: string, labels: Record<string, string>, values: (number | null)[]) => void;

function range(value: (i: number) => number): number[] {
  return Array.from({ length: STEPS }, (_, i) => value(i));
}

/** Never so low that a rate over an hour, extrapolated, would come to zero: 2.42 and 3 differ there. */
function counter(random: Random, rate: number, resetShare: number): number[] {
  let total = 100_000 + Math.floor(random() * 1e5);
  return range(() => {
    total =
      random() < resetShare ? 50_000 + Math.floor(random() * 10) : total + Math.floor(random() * rate * 30);
    return total;
  });
}

function walk(random: Random, start: number, width: number): number[] {
  let value = start;
  return range(() => {
    value += (random() - 0.5) * 2 * width;
    return value;
  });
}

function gaps(random: Random, values: readonly number[]): (number | null)[] {
  let missing = 0;
  return values.map((value) => {
    if (missing === 0 && random() < 0.02) missing = Math.floor(random() * 60);
    if (missing === 0) return value;
    missing--;
    return null;
  });
}

function histogram(random: Random, labels: Record<string, string>, add: Add): void {
  const bounds = ['0.1', '0.25', '0.5', '1.0', '+Inf'];
  const columns = bounds.map((): number[] => []);
  const counts = [10_000, 20_000, 30_000, 40_000, 50_000];
  const sums: number[] = [];
  let sum = 50_000;
  for (let i = 0; i < STEPS; i++) {
    let added = 0;
    for (const [b, column] of columns.entries()) {
      added += Math.floor(random() * 5);
      counts[b] = (counts[b] ?? 0) + added;
      column.push(counts[b] ?? 0);
    }
    sum += added * random();
    sums.push(sum);
  }
  for (const [b, le] of bounds.entries()) add('latency_seconds_bucket', { ...labels, le }, columns[b] ?? []);
  add('latency_seconds_count', labels, columns.at(-1) ?? []);
  add('latency_seconds_sum', labels, sums);
}

/** The data in the form `promtool tsdb create-blocks-from openmetrics` reads: one metric after the other. */
export function openMetricsText(data: readonly DataSeries[]): string {
  const lines: string[] = [];
  const names = [...new Set(data.map(({ labels }) => labels.metricName))];
  for (const name of names) {
    for (const { labels, timestamps, values } of data.filter((s) => s.labels.metricName === name)) {
      const inner: string[] = [];
      for (const [label, value] of labels.dropMetricName().toMap()) inner.push(`${label}="${value}"`);
      for (const [i, timestamp] of timestamps.entries())
        lines.push(`${name}{${inner.join(',')}} ${floatText(values[i] ?? 0)} ${timestamp / 1000}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}
