/*
 * The benchmark's data: what services would expose, a thousand series each.
 *
 *   bench_requests_N_total          80 counters of ten label sets, with resets
 *   bench_duration_seconds_*        ten classic histograms of ten buckets, a sum and a count
 *   bench_load_N                    eight gauges of ten label sets
 */
const COUNTERS = 80;
const GAUGES = 8;
const SETS = 10;
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf'] as const;

/** The counters among them, whose labels differ without their names. */
export const COUNTERS_PER_TARGET = COUNTERS * SETS;
export const SERIES_PER_TARGET = COUNTERS * SETS + SETS * (BOUNDS.length + 2) + GAUGES * SETS;

/** How many targets, and how many samples of each of their series, 15 s apart. */
export interface Dataset {
  readonly name: string;
  readonly targets: number;
  readonly steps: number;
}

export const STEP_MS = 15_000;

export const seriesOf = (dataset: Dataset): number => dataset.targets * SERIES_PER_TARGET;

type Labels = readonly (readonly [name: string, value: string])[];

/** A series of a target: its labels without job and instance, and its value at each step. */
export interface BenchSeries {
  readonly name: string;
  readonly family: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: Labels;
  readonly valueAt: (step: number) => number;
}

const scramble = (a: number, b: number): number => ((a * 2654435761 + b * 40503) >>> 0) % 997;

/** A counter that rises by a rate of its own, with resets now and then. */
function counterValue(target: number, metric: number, set: number): (step: number) => number {
  const rate = 1 + ((target * 31 + metric * 7 + set * 3) % 17);
  const life = 97 + ((metric + set) % 50);
  return (step) => (step % life) * rate * 15 + (scramble(step, metric + set) % 15);
}

function* counters(target: number): Generator<BenchSeries> {
  for (let metric = 0; metric < COUNTERS; metric++) {
    const name = `bench_requests_${metric}_total`;
    for (let set = 0; set < SETS; set++) {
      const labels = [
        ['handler', `h${metric}`],
        ['method', set % 2 === 0 ? 'GET' : 'POST'],
        ['route', `/api/v1/items/${set}`],
        ['status', set % 5 === 0 ? '500' : '200'],
      ] as const;
      yield { name, family: name, type: 'counter', labels, valueAt: counterValue(target, metric, set) };
    }
  }
}

function* histograms(target: number): Generator<BenchSeries> {
  const family = 'bench_duration_seconds';
  for (let set = 0; set < SETS; set++) {
    const labels = [['route', `/api/v1/items/${set}`]] as const;
    const total = counterValue(target, 91, set);
    const share = (bucket: number): number => ((bucket + 1) / BOUNDS.length) ** (1 + (set % 3));
    const base = { family, type: 'histogram' } as const;
    for (const [bucket, le] of BOUNDS.entries()) {
      const valueAt = (step: number): number => Math.floor(total(step) * share(bucket));
      yield { ...base, name: `${family}_bucket`, labels: [['le', le], ...labels], valueAt };
    }
    yield { ...base, name: `${family}_sum`, labels, valueAt: (step) => total(step) * 0.21 };
    yield { ...base, name: `${family}_count`, labels, valueAt: total };
  }
}

function* gauges(target: number): Generator<BenchSeries> {
  for (let metric = 0; metric < GAUGES; metric++) {
    const name = `bench_load_${metric}`;
    for (let set = 0; set < SETS; set++) {
      const centre = 20 + ((target * 13 + metric * 5 + set) % 60);
      const valueAt = (step: number): number => centre + scramble(step + target, metric * 16 + set) / 100;
      yield { name, family: name, type: 'gauge', labels: [['shard', `s${set}`]], valueAt };
    }
  }
}

function* seriesOfTarget(target: number): Generator<BenchSeries> {
  yield* counters(target);
  yield* histograms(target);
  yield* gauges(target);
}

const textOf = (labels: Labels): string => labels.map(([name, value]) => `${name}="${value}"`).join(',');

export const targetLabels = (target: number): Labels => [
  ['instance', `10.0.${Math.floor(target / 250)}.${target % 250}:80`],
  ['job', `bench${target % 5}`],
];

/** What a target exposes at a step. */
export function exposition(target: number, step: number): string {
  const lines: string[] = [];
  let family = '';
  for (const series of seriesOfTarget(target)) {
    if (series.family !== family) {
      family = series.family;
      lines.push(`# HELP ${family} Of the benchmark.`, `# TYPE ${family} ${series.type}`);
    }
    lines.push(`${series.name}{${textOf(series.labels)}} ${series.valueAt(step)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Every series with job and instance, metric by metric across the targets, as a loader of the past wants them. */
export function history(dataset: Dataset): { readonly labels: Labels; readonly series: BenchSeries }[] {
  const found: { readonly labels: Labels; readonly series: BenchSeries }[] = [];
  for (let target = 0; target < dataset.targets; target++) {
    for (const series of seriesOfTarget(target)) {
      const labels = [...targetLabels(target), ...series.labels].sort(([a], [b]) => (a < b ? -1 : 1));
      found.push({ labels, series });
    }
  }
  return found;
}

/** Lines of the text format with timestamps (seconds for OpenMetrics, ms for the import APIs), some series at a time. */
export function* historyLines(dataset: Dataset, start: number, unit: 'seconds' | 'ms'): Generator<string> {
  const divisor = unit === 'seconds' ? 1000 : 1;
  let lines: string[] = [];
  for (const { labels, series } of history(dataset)) {
    const id = `${series.name}{${textOf(labels)}}`;
    for (let step = 0; step < dataset.steps; step++)
      lines.push(`${id} ${series.valueAt(step)} ${(start + step * STEP_MS) / divisor}`);
    if (lines.length < 40_000) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}
