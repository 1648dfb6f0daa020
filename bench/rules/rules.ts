import { STEP_MS } from '../data.ts';

/*
 * The rules of the benchmark: a hundred groups of a hundred, one group per job, as teams write them.
 *
 *   25 record a rate by route                    10 alert on what was recorded
 *   15 record the share of errors                40 alert on one gauge, with labels and annotations
 *                                                10 alert on a quantile of a histogram
 */
const RATES = 25;
const RATIOS = 15;
const RECORDED = 10;
const GAUGES = 40;
const QUANTILES = 10;
export const RULES_PER_JOB = RATES + RATIOS + RECORDED + GAUGES + QUANTILES;

/** Four scrapes. */
const WINDOW = `${(4 * STEP_MS) / 1000}s`;

const times = (count: number, rule: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => rule(i));

const record = (name: string, expr: string): string => `  - {record: '${name}', expr: '${expr}'}`;

const alert = (name: string, expr: string): string =>
  `  - alert: ${name}
    expr: '${expr}'
    for: 1m
    labels: {severity: warning, team: '{{ $labels.job }}'}
    annotations: {summary: '{{ $labels.job }} is at {{ $value | humanize }}'}`;

function rulesOf(job: string): readonly string[] {
  const of = (metric: string, more = ''): string => `${metric}{job="${job}"${more}}`;
  const requests = (i: number, more = ''): string =>
    `rate(${of(`bench_requests_${i}_total`, more)}[${WINDOW}])`;
  return [
    ...times(RATES, (i) => record(`job_route:requests_${i}:rate`, `sum by (job, route) (${requests(i)})`)),
    ...times(RATIOS, (i) =>
      record(
        `job:errors_${i}:ratio`,
        `sum by (job) (${requests(i, ',status="500"')}) / sum by (job) (${requests(i)})`,
      ),
    ),
    ...times(RECORDED, (i) => alert(`ManyErrors${i}`, `${of(`job:errors_${i}:ratio`)} > 0.21`)),
    ...times(GAUGES, (i) =>
      alert(
        `HighLoad${i}`,
        `${of(`bench_load_${i % 8}`, `,shard=~"s[${Math.floor(i / 8)}${Math.floor(i / 8) + 5}]"`)} > 80`,
      ),
    ),
    ...times(QUANTILES, (i) =>
      alert(
        `Slow${i}`,
        `histogram_quantile(0.9, sum by (job, le) (rate(${of('bench_duration_seconds_bucket', `,route="/api/v1/items/${i}"`)}[${WINDOW}]))) > 0.9`,
      ),
    ),
  ];
}

/** A rule file for these jobs. */
export function ruleFile(jobs: readonly string[]): string {
  const groups = jobs.map((job) => `- name: ${job}\n  rules:\n${rulesOf(job).join('\n')}`);
  return `groups:\n${groups.join('\n')}\n`;
}
