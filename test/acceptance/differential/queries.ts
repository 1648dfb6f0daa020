import type { Random } from '../../../packages/server/src/kernel/random.ts';

/** Generated expressions over the data of data.ts, by family. Deterministic for a seed. */
export function makeQueries(random: Random): Map<string, string[]> {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const window = (): string => pick(['1m', '2m', '5m', '7m30s', '20m', '1h']);
  const families = new Map<string, string[]>();
  families.set('selectors', selectors());
  families.set('rate', rates(pick, window));
  families.set('over time', overTime(pick, window));
  families.set('aggregations', aggregations(pick, window));
  families.set('operators', operators(pick));
  families.set('functions', functions(pick));
  families.set('histograms', histograms(pick, window));
  families.set('labels', labelFunctions());
  families.set('subqueries', subqueries(pick));
  return families;
}

type Pick = <T>(items: readonly T[]) => T;

const GAUGES = ['temperature', 'memory_bytes', 'sparse', 'negative', 'steps'] as const;
const COUNTERS = ['requests_total', 'latency_seconds_count', 'requests_total{code!="404"}'] as const;

function selectors(): string[] {
  return [
    'requests_total',
    'requests_total{code="200"}',
    'requests_total{code=~"4..|5.."}',
    'requests_total{code!~"2.*",job="api"}',
    '{__name__=~"temp.*"}',
    '{__name__="sparse",instance!="a:1"}',
    '{job="web",instance=~".*:[12]"}',
    'temperature offset 10m',
    'temperature offset -5m',
    'temperature @ 1700003600',
    'temperature @ start()',
    'memory_bytes @ end() offset 3m',
    'sparse',
    'odd',
    'nothing_at_all',
    'requests_total{missing=""}',
    'requests_total{job=~"api|web",code="500"} offset 1h',
    '-temperature',
    '+negative',
    'build_info{version="1.1"}',
  ];
}

function rates(pick: Pick, window: () => string): string[] {
  const queries: string[] = [];
  for (const func of ['rate', 'increase', 'irate', 'resets', 'changes'])
    for (const counter of COUNTERS) queries.push(`${func}(${counter}[${window()}])`);
  for (const func of ['delta', 'idelta', 'deriv'])
    for (const gauge of GAUGES) queries.push(`${func}(${gauge}[${window()}])`);
  for (const seconds of [60, -300, 3600])
    queries.push(`predict_linear(${pick(GAUGES)}[${window()}], ${seconds})`);
  queries.push('rate(sparse_total[3m])', 'increase(sparse_total[20m])', 'rate(requests_total[5m] offset 7m)');
  queries.push('rate(requests_total[10m] @ 1700004000)', 'rate(latency_seconds_sum[5m])');
  return queries;
}

function overTime(pick: Pick, window: () => string): string[] {
  const names = ['avg', 'min', 'max', 'sum', 'count', 'stddev', 'stdvar', 'last', 'present'];
  const queries: string[] = [];
  for (const name of names)
    for (const gauge of GAUGES) queries.push(`${name}_over_time(${gauge}[${window()}])`);
  for (const q of ['0', '0.3', '0.99', '1'])
    queries.push(`quantile_over_time(${q}, ${pick(GAUGES)}[${window()}])`);
  queries.push('absent_over_time(sparse[2m])', 'absent_over_time(nothing{a="b"}[5m])');
  queries.push('count_over_time(odd[10m])', 'last_over_time(odd[10m])', 'max_over_time(odd[10m])');
  return queries;
}

function aggregations(pick: Pick, window: () => string): string[] {
  const operators = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'];
  const groupings = [
    '',
    ' by (job)',
    ' by (instance, job)',
    ' without (instance)',
    ' without (code, job)',
    ' by (nothing)',
  ];
  const inner = (): string =>
    pick(['requests_total', `rate(requests_total[${window()}])`, 'memory_bytes', 'temperature', 'sparse']);
  const queries: string[] = [];
  for (const operator of operators)
    for (const grouping of groupings) queries.push(`${operator}${grouping} (${inner()})`);
  for (const operator of ['topk', 'bottomk'])
    for (const k of [1, 2, 100])
      queries.push(`${operator}(${k}, temperature)`, `${operator} by (job) (${k}, temperature)`);
  for (const q of ['0.1', '0.5', '0.9', '1']) queries.push(`quantile by (job) (${q}, ${inner()})`);
  queries.push('count_values("value", steps)', 'count_values by (job) ("bytes", limit_bytes)');
  queries.push(
    'sum(odd)',
    'min(odd)',
    'max(odd)',
    'count(odd)',
    'sum by (le) (rate(latency_seconds_bucket[5m]))',
  );
  return queries;
}

function operators(pick: Pick): string[] {
  const queries: string[] = [];
  // Prometheus 2.42 kept the metric name after atan2; the aggregation takes it away on both sides.
  queries.push('sum by (job) (temperature atan2 2)', 'max by (instance) (7 atan2 negative)');
  for (const op of ['+', '-', '*', '/', '%', '^', 'atan2']) {
    if (op !== 'atan2') queries.push(`temperature ${op} ${pick(['2', '0.5', '-3'])}`, `7 ${op} negative`);
    queries.push(`temperature ${op} on (instance, job) limit_bytes`);
  }
  for (const op of ['==', '!=', '>', '<', '>=', '<=']) {
    queries.push(`temperature ${op} 20`, `temperature ${op} bool 20`, `steps ${op} 3`);
    queries.push(`memory_bytes ${op} ignoring (code) (temperature * 2e7)`, `3 ${op} bool 2`);
  }
  for (const op of ['and', 'or', 'unless'])
    queries.push(
      `temperature ${op} memory_bytes{job="api"}`,
      `temperature ${op} on (instance) sparse`,
      `temperature ${op} ignoring (job) negative`,
      `(temperature > 20) ${op} (temperature < 21)`,
    );
  queries.push(
    'requests_total / on (instance, job) group_left memory_bytes',
    'requests_total * on (instance) group_left (version, branch) build_info',
    'build_info * on (instance) group_right (version) temperature',
    'sum by (job) (requests_total) / ignoring (code) sum by (job) (requests_total)',
    'rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m])',
    '1 - memory_bytes / limit_bytes',
    'memory_bytes / limit_bytes > 0.4',
    '2 ^ 3 ^ 2',
    '-2 ^ 2',
    '1 / 0',
    '0 / 0',
    '(1 + 2) * 3 % 4',
    'temperature + temperature offset 5m',
    '1 + 2 * scalar(sum(steps))',
  );
  return queries;
}

function functions(pick: Pick): string[] {
  const queries: string[] = [];
  for (const f of ['abs', 'ceil', 'floor', 'exp', 'sqrt', 'ln', 'log2', 'log10', 'sgn', 'deg', 'rad'])
    queries.push(`${f}(negative)`, `${f}(${pick(['temperature', 'odd', 'sparse'])})`);
  for (const f of [
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
    'sinh',
    'cosh',
    'tanh',
    'asinh',
    'acosh',
    'atanh',
  ])
    queries.push(`${f}(temperature / 20)`);
  for (const f of [
    'minute',
    'hour',
    'day_of_week',
    'day_of_month',
    'day_of_year',
    'days_in_month',
    'month',
    'year',
  ])
    queries.push(`${f}()`, `${f}(vector(time() - 86400 * 40))`);
  queries.push(
    'round(temperature)',
    'round(temperature, 0.25)',
    'round(memory_bytes, 1e6)',
    'clamp(temperature, 19, 21)',
    'clamp_min(negative, -2)',
    'clamp_max(negative, 0)',
    'time()',
    'vector(1)',
    'pi()',
    'timestamp(temperature)',
    'timestamp(temperature offset 1m)',
    'scalar(steps)',
    'scalar(temperature)',
    'vector(scalar(steps)) + 1',
    'absent(temperature)',
    'absent(nothing{a="b",c=~"d"})',
    'sort(temperature)',
    'sort_desc(rate(requests_total[5m]))',
    'time() - timestamp(temperature)',
  );
  return queries;
}

function histograms(pick: Pick, window: () => string): string[] {
  const queries: string[] = [];
  for (const q of ['0', '0.5', '0.9', '0.99', '1', '-1', '2'])
    queries.push(
      `histogram_quantile(${q}, rate(latency_seconds_bucket[${window()}]))`,
      `histogram_quantile(${q}, sum by (le) (rate(latency_seconds_bucket[${pick(['5m', '20m'])}])))`,
    );
  queries.push('histogram_quantile(0.5, latency_seconds_bucket)', 'histogram_quantile(0.5, temperature)');
  return queries;
}

function labelFunctions(): string[] {
  return [
    'label_replace(temperature, "host", "$1", "instance", "(.*):.*")',
    'label_replace(temperature, "host", "x$2y", "instance", "(.*):(.*)")',
    'label_replace(temperature, "job", "", "job", "api")',
    'label_replace(temperature, "new", "fixed", "nothing", "")',
    'label_replace(temperature, "instance", "same-${1}", "instance", "([a-c]).*")',
    'label_replace(rate(requests_total[5m]), "class", "${1}xx", "code", "(.)..")',
    'sum by (class) (label_replace(rate(requests_total[5m]), "class", "${1}xx", "code", "(.)..")) ',
    'label_join(temperature, "both", "-", "job", "instance")',
    'label_join(temperature, "both", "", "job", "nothing", "instance")',
    'label_join(build_info, "version", "/", "branch", "version")',
    'sum by (both) (label_join(requests_total, "both", ",", "job", "code"))',
  ];
}

/**
 * Subquery steps lie on multiples of their width: no window of these begins on one when it is evaluated 7 s past a minute,
 * so that the closed windows of 2.42 and our left-open ones hold the same steps.
 */
function subqueries(pick: Pick): string[] {
  const queries: string[] = [];
  for (const f of [
    'max_over_time',
    'min_over_time',
    'avg_over_time',
    'sum_over_time',
    'stddev_over_time',
    'last_over_time',
  ])
    queries.push(
      `${f}(rate(requests_total[2m])[${pick(['10m', '15m'])}:${pick(['30s', '1m', '15s'])}])`,
      `${f}(temperature[10m:${pick(['20s', '1m'])}])`,
    );
  queries.push(
    'rate(temperature[10m:30s])',
    'deriv(sum(temperature)[10m:1m])',
    'quantile_over_time(0.9, sum by (job) (rate(requests_total[1m]))[20m:1m])',
    'max_over_time((temperature > 20)[10m:30s])',
    'count_over_time(sparse[10m:])',
    'sum(max_over_time(steps[5m:15s] offset 5m))',
    'max_over_time(temperature[5m:30s] @ 1700004007)',
    'avg_over_time(max_over_time(temperature[2m7s:20s])[6m:1m])',
    'absent_over_time(nothing[5m:1m])',
  );
  return queries;
}
