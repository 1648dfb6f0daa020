import type { ServiceNames } from '../kernel/names.ts';
import type { SeriesReader } from './series.ts';

interface Through {
  readonly calls: number;
  readonly failures: number;
}

/** Calls that met breakers closed over a window, from the SDK's own counter; zero where nothing is known. */
export async function callsThrough(
  reader: SeriesReader,
  names: ServiceNames,
  { tenant, window, now }: { readonly tenant: string; readonly window: string; readonly now: number },
): Promise<(service: string, name: string) => Through> {
  const query = `sum by (service, job, name, result) (increase(circuit_breaker_requests_total{state="closed"}[${window}]))`;
  const series = await reader.instant(tenant, query, now);
  const totals = new Map<string, Through>();
  for (const { label, value } of series) {
    if (!Number.isFinite(value)) continue;
    const key = `${names.of((one) => label(one) || undefined) ?? ''}\u0000${label('name')}`;
    const { calls, failures } = totals.get(key) ?? { calls: 0, failures: 0 };
    totals.set(key, {
      calls: calls + value,
      failures: failures + (label('result') === 'failure' ? value : 0),
    });
  }
  return (service, name) => totals.get(`${service}\u0000${name}`) ?? { calls: 0, failures: 0 };
}
