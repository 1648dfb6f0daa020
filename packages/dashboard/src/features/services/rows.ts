import type {
  ServiceFacts,
  ServiceHealth,
  ServiceSummary,
  SparklineData,
  Status,
} from '../../api/contracts.ts';
import { STATUS_ORDER } from '../../ui/status.tsx';

/** One service as the list shows it, from the three answers that know of it. */
export interface ServiceRow {
  readonly name: string;
  readonly status: Status;
  readonly since: number | null;
  readonly requestRate: number | null;
  readonly errorRatio: number | null;
  readonly p95: number | null;
  readonly uptime: number | null;
  readonly spark: SparklineData | null;
  readonly up: number;
  readonly instances: number;
  readonly openBreakers: number;
  readonly breakers: number;
}

export function joinServices(
  health: readonly ServiceHealth[],
  summary: readonly ServiceSummary[],
  facts: readonly ServiceFacts[],
  trends: ReadonlyMap<string, SparklineData>,
): ServiceRow[] {
  const byName = new Map(summary.map((entry) => [entry.name, entry]));
  const factsByName = new Map(facts.map((entry) => [entry.name, entry]));
  return health.map((service) => {
    const figures = byName.get(service.name);
    const breakers = factsByName.get(service.name)?.breakers ?? [];
    return {
      name: service.name,
      status: service.status,
      since: service.since,
      requestRate: figures?.requestRate ?? null,
      errorRatio: figures?.errorRatio ?? null,
      p95: figures?.p95 ?? null,
      uptime: service.uptime['24h'],
      spark: trends.get(service.name) ?? null,
      up: service.instances.filter((instance) => instance.up === true).length,
      instances: service.instances.length,
      openBreakers: breakers.filter((breaker) => breaker.state.toLowerCase() !== 'closed').length,
      breakers: breakers.length,
    };
  });
}

export type Sort = 'state' | 'name' | 'requestRate' | 'errorRatio' | 'p95';

/** By state the worst first and then by name; figures descending, those without data last. */
export function sortServices(rows: readonly ServiceRow[], sort: Sort): ServiceRow[] {
  const byName = (a: ServiceRow, b: ServiceRow): number => a.name.localeCompare(b.name, 'en');
  switch (sort) {
    case 'name':
      return rows.toSorted(byName);
    case 'state':
      return rows.toSorted((a, b) => STATUS_ORDER[a.status] - STATUS_ORDER[b.status] || byName(a, b));
    case 'requestRate':
    case 'errorRatio':
    case 'p95':
      return rows.toSorted((a, b) => (b[sort] ?? -1) - (a[sort] ?? -1) || byName(a, b));
  }
}

export interface ServiceFilter {
  readonly q: string;
  readonly status: Status | undefined;
}

export function filterServices(rows: readonly ServiceRow[], { q, status }: ServiceFilter): ServiceRow[] {
  const needle = q.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (status === undefined || row.status === status) &&
      (needle === '' || row.name.toLowerCase().includes(needle)),
  );
}
