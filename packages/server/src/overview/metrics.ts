import type { z } from 'zod';
import { iso } from '../http/times.ts';
import { goldenAt, NO_GOLDEN, serviceOf } from './golden.ts';
import type { metricsAnswer } from './shapes.ts';
import type { OverviewSources } from './summary.ts';

/** What the SDK and the shop write, without the buckets of histograms and Node's own internals. */
const NAMES =
  'http_requests_total|response_time_ms|active_connections|service_health_status|active_users_total|errors_total|error_rate|cpu_percent|memory_used_mb|' +
  'circuit_breaker_.*|auth_.*|jwt_.*|order_.*|orders_total|product_operations_total|stock_updates_total|db_operations_total|registrations_total|logins_total|' +
  'transactions_total|balance_changes_total|portfolio_value|portfolio_pnl|asset_price|process_resident_memory_bytes|process_start_time_seconds|up';
const MAX_SERIES_PER_SERVICE = 500;

/** Current values per service. */
export async function currentMetrics(
  sources: OverviewSources,
  tenant: string,
  window: { readonly text: string },
  keep: (service: string) => boolean,
): Promise<z.output<typeof metricsAnswer>> {
  const now = sources.clock.now();
  const [golden, values] = await Promise.all([
    goldenAt(sources.reader, sources.names, tenant, window.text, now),
    sources.reader.instant(tenant, `{__name__=~"${NAMES}", __name__!~".+_bucket"}`, now),
  ]);
  const byService = new Map<
    string,
    { metrics: Record<string, { labels: Record<string, string>; value: number }[]>; count: number }
  >();
  for (const series of values) {
    const service = serviceOf(sources.names, series);
    if (service === '' || !keep(service) || !Number.isFinite(series.value)) continue;
    let entry = byService.get(service);
    if (entry === undefined) byService.set(service, (entry = { metrics: {}, count: 0 }));
    entry.count++;
    if (entry.count > MAX_SERIES_PER_SERVICE) continue;
    const labels = series.labels();
    const name = labels['__name__'] ?? '';
    delete labels['__name__'];
    (entry.metrics[name] ??= []).push({ labels, value: series.value });
  }
  const names = [...new Set([...sources.services(tenant).map((s) => s.name), ...byService.keys()])]
    .filter(keep)
    .sort();
  return {
    timestamp: iso(now),
    window: window.text,
    services: names.map((name) => ({
      name,
      golden: golden.services.get(name) ?? NO_GOLDEN,
      metrics: byService.get(name)?.metrics ?? {},
      truncated: (byService.get(name)?.count ?? 0) > MAX_SERIES_PER_SERVICE,
    })),
  };
}
