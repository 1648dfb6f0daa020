/** One question of the benchmark. `W` and `L` stand for the data set's short and long window. */
export interface BenchQuery {
  readonly name: string;
  readonly kind: 'instant' | 'range' | 'series' | 'labels' | 'values';
  /** PromQL; for the label APIs their `match[]` (none when empty). */
  readonly query: string;
  /** Why VictoriaMetrics answers something else on purpose; absent where its answer must be the same. */
  readonly victoriaDiffers?: string;
}

const RATES = 'its rate() does not extrapolate and looks before the window';
const KEEPS = 'it keeps the metric name';
const ALL = '{__name__=~"bench_requests_.*"}';
const INSTANCE = 'instance="10.0.0.1:80"';

const instant: readonly BenchQuery[] = [
  { name: 'one series', query: `bench_load_1{${INSTANCE},shard="s1"}` },
  { name: 'one metric', query: 'bench_load_2' },
  { name: 'sum of one metric', query: 'sum by (job) (bench_load_3)' },
  { name: 'top 5 of one metric', query: 'topk(5, bench_load_4)' },
  {
    name: 'rate of one series',
    query: `rate(bench_requests_1_total{${INSTANCE},route="/api/v1/items/1"}[W])`,
    victoriaDiffers: RATES,
  },
  {
    name: 'sum of rates of one metric',
    query: 'sum by (job) (rate(bench_requests_2_total[W]))',
    victoriaDiffers: RATES,
  },
  {
    name: 'p90 of one histogram',
    query: 'histogram_quantile(0.9, sum by (le) (rate(bench_duration_seconds_bucket[W])))',
    victoriaDiffers: RATES,
  },
  { name: 'sum of rates of all', query: `sum by (job) (rate(${ALL}[W]))`, victoriaDiffers: RATES },
  { name: 'count of all', query: 'count({__name__=~"bench_.+"})' },
  { name: 'count by name', query: 'count by (__name__) ({__name__=~"bench_.+"})' },
].map((query) => ({ kind: 'instant', ...query }));

const range: readonly BenchQuery[] = [
  { name: 'one series', query: `bench_requests_1_total{${INSTANCE},route="/api/v1/items/1"}` },
  { name: 'one metric', query: 'bench_requests_2_total' },
  { name: 'rate of one metric', query: 'rate(bench_requests_3_total[W])', victoriaDiffers: RATES },
  {
    name: 'sum of rates of one metric',
    query: 'sum by (job) (rate(bench_requests_4_total[W]))',
    victoriaDiffers: RATES,
  },
  { name: 'sum of one metric', query: 'sum by (instance) (bench_load_5)' },
  { name: 'average over time', query: 'avg_over_time(bench_load_6[L])', victoriaDiffers: KEEPS },
  {
    name: 'quantile over time',
    query: 'quantile_over_time(0.9, bench_load_7[L])',
    victoriaDiffers: KEEPS,
  },
  { name: 'deviation over time', query: 'max by (shard) (stddev_over_time(bench_load_1[L]))' },
  {
    name: 'increase of one metric',
    query: 'increase(bench_requests_5_total[L])',
    victoriaDiffers: RATES,
  },
  { name: 'resets of one metric', query: 'resets(bench_requests_6_total[L])', victoriaDiffers: RATES },
  {
    name: 'trend of one metric',
    query: 'deriv(bench_load_0[L])',
    victoriaDiffers: 'its deriv() weighs otherwise',
  },
  {
    name: 'rates by pattern',
    query: 'sum by (method) (rate(bench_requests_7_total{route=~".*/items/[1-3]",status!="500"}[W]))',
    victoriaDiffers: RATES,
  },
  {
    name: 'sum of rates of ten metrics',
    query: 'sum by (job) (rate({__name__=~"bench_requests_1._total"}[W]))',
    victoriaDiffers: RATES,
  },
  { name: 'sum of rates of all', query: `sum by (job) (rate(${ALL}[W]))`, victoriaDiffers: RATES },
  {
    name: 'error ratio of all',
    query:
      'sum(rate({__name__=~"bench_requests_.*",status="500"}[W])) / sum(rate({__name__=~"bench_requests_.*"}[W]))',
    victoriaDiffers: RATES,
  },
  { name: 'max over time of all', query: `max by (instance) (max_over_time(${ALL}[L]))` },
  { name: 'top 5 of all', query: `topk(5, sum by (route) (rate(${ALL}[W])))`, victoriaDiffers: RATES },
  { name: 'count by name', query: 'count by (__name__) ({__name__=~"bench_.+"})' },
  {
    name: 'p90 of one histogram',
    query: 'histogram_quantile(0.9, sum by (le) (rate(bench_duration_seconds_bucket[W])))',
    victoriaDiffers: RATES,
  },
  {
    name: 'p99 by job and route',
    query: 'histogram_quantile(0.99, sum by (le, job, route) (rate(bench_duration_seconds_bucket[W])))',
    victoriaDiffers: RATES,
  },
  {
    name: 'mean from sum and count',
    query:
      'sum by (route) (rate(bench_duration_seconds_sum[W])) / sum by (route) (rate(bench_duration_seconds_count[W]))',
    victoriaDiffers: RATES,
  },
  { name: 'join one to one', query: 'bench_load_1 * on (instance, shard) bench_load_2' },
  {
    name: 'join many to one',
    query:
      'rate(bench_requests_8_total[W]) / on (instance, job) group_left sum by (instance, job) (rate(bench_requests_8_total[W]))',
    victoriaDiffers: RATES,
  },
  { name: 'filter and set operator', query: 'bench_load_2 > 50 and on (instance, shard) bench_load_3 < 60' },
  {
    name: 'subquery of a sum',
    query: 'max_over_time(sum(rate(bench_requests_9_total[W]))[L:1m])',
    victoriaDiffers: RATES,
  },
  {
    name: 'subquery of each series',
    query: 'avg_over_time(rate(bench_requests_10_total[W])[L:30s])',
    victoriaDiffers: RATES,
  },
  { name: 'quantile of one metric', query: 'quantile by (job) (0.9, bench_load_3)' },
  {
    name: 'label_replace',
    query: 'sum by (item) (label_replace(bench_requests_11_total, "item", "$1", "route", ".*/(.*)"))',
  },
].map((query) => ({ kind: 'range', ...query }));

const labels: readonly BenchQuery[] = [
  { name: 'series of one metric', kind: 'series', query: 'bench_requests_1_total' },
  { name: 'series of one instance', kind: 'series', query: `{${INSTANCE}}` },
  { name: 'all names of labels', kind: 'labels', query: '' },
  { name: 'all names of metrics', kind: 'values', query: '' },
  { name: 'names of metrics of one job', kind: 'values', query: '{job="bench1"}' },
];

export const QUERIES: readonly BenchQuery[] = [...instant, ...range, ...labels];
