/** Counts up. Labels are bounded by the code that calls it, never by what a request says. */
interface Counter<L extends string = never> {
  inc(labels: Readonly<Record<L, string>>, by?: number): void;
}

interface Gauge<L extends string = never> {
  set(labels: Readonly<Record<L, string>>, value: number): void;
  inc(labels: Readonly<Record<L, string>>, by?: number): void;
  remove(labels: Readonly<Record<L, string>>): void;
}

interface Histogram<L extends string = never> {
  observe(labels: Readonly<Record<L, string>>, value: number): void;
}

/** Makes the metrics of one service in its registry; a name belongs to one service and is made once. */
export interface MetricFactory {
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
  histogram<L extends string = never>(
    name: string,
    help: string,
    labels: readonly L[],
    buckets: readonly number[],
  ): Histogram<L>;
}

/** Seconds; an embedded store answers in well under a millisecond, a slow one in seconds. */
const DB_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What every service counts about its failures. */
export function errorMetrics(metrics: MetricFactory) {
  return {
    http500: metrics.counter('http_500', 'Requests answered with status 500.'),
    errorTypes: metrics.gauge('error_types', 'Errors since the start, by type.', ['type']),
  };
}

/** What every service with a store counts about it. */
export function databaseMetrics(metrics: MetricFactory) {
  return {
    operations: metrics.counter('db_operations_total', 'Accesses to the store.', [
      'operation',
      'collection',
      'result',
    ]),
    duration: metrics.histogram(
      'db_operation_duration_seconds',
      'Time of one access to the store.',
      ['operation', 'collection'],
      DB_BUCKETS,
    ),
  };
}

/** What every service that reads access tokens counts about them. */
export function tokenMetrics(metrics: MetricFactory) {
  return {
    validations: metrics.counter('jwt_token_validations_total', 'Access tokens checked, by result.', [
      'result',
    ]),
  };
}
