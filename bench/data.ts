/** The benchmark's data: what ten services of a hundred metrics with ten label sets each would expose. */
export const TARGETS = 10;
export const METRICS = 100;
export const PER_METRIC = 10;
export const SERIES = TARGETS * METRICS * PER_METRIC;

/** One line's series for a target, without a value. */
function seriesOf(metric: number, set: number): string {
  return `bench_requests_${metric}_total{handler="h${metric}",method="${set % 2 === 0 ? 'GET' : 'POST'}",route="/api/v1/items/${set}",status="${set % 5 === 0 ? 500 : 200}"}`;
}

/** A counter that rises by a rate of its own, with resets now and then. */
export function valueAt(target: number, metric: number, set: number, step: number): number {
  const rate = 1 + ((target * 31 + metric * 7 + set * 3) % 17);
  const life = 97 + ((metric + set) % 50);
  return (step % life) * rate * 15 + (((step * 2654435761 + metric * 40503 + set) >>> 0) % 15);
}

/** What a target exposes at a step. */
export function exposition(target: number, step: number): string {
  const lines: string[] = [];
  for (let metric = 0; metric < METRICS; metric++) {
    lines.push(
      `# HELP bench_requests_${metric}_total Requests.`,
      `# TYPE bench_requests_${metric}_total counter`,
    );
    for (let set = 0; set < PER_METRIC; set++)
      lines.push(`${seriesOf(metric, set)} ${valueAt(target, metric, set, step)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The same series with job, instance and time, for loading the past; times in ms. */
export function* history(
  start: number,
  stepMs: number,
  steps: number,
): Generator<{
  readonly series: string;
  readonly samples: readonly (readonly [time: number, value: number])[];
}> {
  for (let metric = 0; metric < METRICS; metric++) {
    for (let target = 0; target < TARGETS; target++) {
      for (let set = 0; set < PER_METRIC; set++) {
        const series = seriesOf(metric, set).replace(
          '{',
          `{job="bench${target % 5}",instance="10.0.0.${target}:80",`,
        );
        const samples = Array.from(
          { length: steps },
          (_, step) => [start + step * stepMs, valueAt(target, metric, set, step)] as const,
        );
        yield { series, samples };
      }
    }
  }
}
