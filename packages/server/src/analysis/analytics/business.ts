import { serviceOf } from '../../overview/index.ts';
import type { AnalysisSources, Scope } from '../sources.ts';
import { type Trend, trendOf } from './trend.ts';

/** What the business did, by metric and labels. */
export interface BusinessFigure {
  readonly metric: string;
  readonly service: string;
  /** Without those that name the service and the process. */
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: 'counter' | 'gauge';
  /** Of a counter what it rose by in the window, of a gauge its value at the end. */
  readonly trend: Trend;
}

/** What the SDK's and the shop's business metrics are called; whoever uses other names adds them under `analysis.business`. */
export const USUAL_COUNTERS = [
  'orders_total',
  'order_operations_total',
  'order_volume_total',
  'product_operations_total',
  'stock_updates_total',
  'registrations_total',
  'logins_total',
  'auth_attempts_total',
  'transactions_total',
  'balance_changes_total',
] as const;
export const USUAL_GAUGES = [
  'active_users_total',
  'portfolio_value',
  'portfolio_pnl',
  'asset_price',
] as const;

const PROCESS_LABELS = new Set(['__name__', 'service', 'service_name', 'source', 'job']);
/** Series of one metric: the largest are told of. */
const MOST_SERIES = 50;

export interface BusinessMetrics {
  readonly counters: readonly string[];
  readonly gauges: readonly string[];
}

/** The business metrics that there are, each series held against the window before. */
export async function readBusiness(
  sources: AnalysisSources,
  scope: Scope,
  { counters, gauges }: BusinessMetrics,
): Promise<readonly BusinessFigure[]> {
  const since = 2 * scope.from - scope.to;
  const known = (metric: string): boolean => sources.mayHold(scope.tenant, metric, since);
  const found = await Promise.all([
    ...counters.filter(known).map((metric) => figuresOf(sources, scope, metric, 'counter')),
    ...gauges.filter(known).map((metric) => figuresOf(sources, scope, metric, 'gauge')),
  ]);
  return found.flat();
}

async function figuresOf(
  { reader, names }: AnalysisSources,
  { tenant, from, to, window, keep }: Scope,
  metric: string,
  kind: BusinessFigure['kind'],
): Promise<BusinessFigure[]> {
  const query = `sum without (instance) (${kind === 'counter' ? `increase(${metric}[${window}])` : metric})`;
  const [now, then] = await Promise.all([
    reader.instant(tenant, query, to),
    reader.instant(tenant, query, from),
  ]);
  const figures = new Map<
    string,
    { service: string; labels: Record<string, string>; current: number | null; previous: number | null }
  >();
  for (const [field, values] of [
    ['current', now],
    ['previous', then],
  ] as const)
    for (const series of values) {
      const service = serviceOf(names, series);
      if (!keep(service) || !Number.isFinite(series.value)) continue;
      const labels = Object.fromEntries(
        Object.entries(series.labels()).filter(([name]) => !PROCESS_LABELS.has(name)),
      );
      const key = JSON.stringify([service, labels]);
      let figure = figures.get(key);
      if (figure === undefined)
        figures.set(key, (figure = { service, labels, current: null, previous: null }));
      figure[field] = (figure[field] ?? 0) + series.value;
    }
  return [...figures.values()]
    .sort((a, b) => Math.abs(b.current ?? 0) - Math.abs(a.current ?? 0))
    .slice(0, MOST_SERIES)
    .map(({ service, labels, current, previous }) => ({
      metric,
      service,
      labels,
      kind,
      trend: trendOf(current, previous, kind === 'counter' ? 1 : 0),
    }));
}
