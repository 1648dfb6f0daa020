import type { ServiceNames } from '../kernel/names.ts';
import { TRAFFIC } from '../kernel/traffic.ts';
import type { Figures } from './objectives.ts';

/** The PromQL door as health needs it: an instant query at a time in epoch ms. */
export interface InstantReader {
  instant(
    tenant: string,
    query: string,
    time: number,
  ): Promise<readonly { readonly label: (name: string) => string; readonly value: number }[]>;
}

function queriesOver(window: string, resource: string) {
  return {
    requests: `sum by (service, job, status) (rate(http_requests_total{${TRAFFIC}}[${window}]))`,
    p95: `histogram_quantile(0.95, sum by (service, job, le) (rate(http_request_duration_seconds_bucket{${TRAFFIC}}[${window}])))`,
    cpu: `max by (service, job) (${resource}(cpu_percent[${window}]))`,
    memory: `max by (service, job) (${resource}(memory_used_mb[${window}]))`,
  };
}

interface Growing {
  requests: number;
  failed: number;
  refused: Map<string, number>;
  p95: number | null;
  cpuPercent: number | null;
  memoryMb: number | null;
}

/**
 * Every service's figures over a window (Prometheus duration text) that ends at `time`. Resources are the latest of the
 * window, or its largest with `usual`, since memory that is collected now and then swings.
 */
export async function readFigures(
  reader: InstantReader,
  names: ServiceNames,
  ask: { readonly tenant: string; readonly window: string; readonly time: number; readonly usual: boolean },
): Promise<Map<string, Figures>> {
  const queries = queriesOver(ask.window, ask.usual ? 'max_over_time' : 'last_over_time');
  const instant = (query: string) => reader.instant(ask.tenant, query, ask.time);
  const [requests, p95, cpu, memory] = await Promise.all([
    instant(queries.requests),
    instant(queries.p95),
    instant(queries.cpu),
    instant(queries.memory),
  ]);
  const services = new Map<string, Growing>();
  const of = (series: { label: (name: string) => string }): Growing => {
    const name = names.of(series.label) ?? '';
    let found = services.get(name);
    if (found === undefined)
      services.set(
        name,
        (found = { requests: 0, failed: 0, refused: new Map(), p95: null, cpuPercent: null, memoryMb: null }),
      );
    return found;
  };
  for (const series of requests) {
    if (!Number.isFinite(series.value)) continue;
    const service = of(series);
    const status = series.label('status');
    service.requests += series.value;
    if (status.startsWith('5')) service.failed += series.value;
    if (status.startsWith('4'))
      service.refused.set(status, (service.refused.get(status) ?? 0) + series.value);
  }
  for (const [list, key] of [
    [p95, 'p95'],
    [cpu, 'cpuPercent'],
    [memory, 'memoryMb'],
  ] as const) {
    for (const series of list) {
      if (!Number.isFinite(series.value)) continue;
      const service = of(series);
      service[key] = Math.max(service[key] ?? -Infinity, series.value);
    }
  }
  services.delete('');
  return new Map([...services].map(([name, growing]) => [name, figuresOf(growing)]));
}

function figuresOf({ requests, failed, refused, p95, cpuPercent, memoryMb }: Growing): Figures {
  const share = (rate: number): number => (requests > 0 ? rate / requests : 0);
  return {
    requestRate: requests,
    errorRatio: share(failed),
    refused: new Map([...refused].map(([code, rate]) => [code, share(rate)])),
    p95,
    cpuPercent,
    memoryMb,
  };
}
