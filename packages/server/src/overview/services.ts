import type { z } from 'zod';
import { iso } from '../http/system-a.ts';
import { goldenAt, maxBy, NO_GOLDEN, serviceOf, sumBy } from './golden.ts';
import { CPU, MEMORY } from './performance.ts';
import type { breakerState, servicesAnswer } from './shapes.ts';
import type { OverviewSources } from './summary.ts';

type BreakerState = z.output<typeof breakerState>;

/** `circuit_breaker_state`: 0 closed, 1 half-open, 2 open (SPEC 2). */
const BREAKER_STATES: readonly BreakerState[] = ['CLOSED', 'HALF_OPEN', 'OPEN'];
const CLIENT_SUFFIX = /-(client|service)$/;

/** Per service: state, rates, resources, breakers, dependencies, instances; with Jaeger's `data` beside (SPEC, ports). */
export async function listServices(
  sources: OverviewSources,
  tenant: string,
  window: { readonly text: string },
  keep: (service: string) => boolean,
): Promise<z.output<typeof servicesAnswer>> {
  const now = sources.clock.now();
  const ask = (query: string) => sources.reader.instant(tenant, query, now);
  const [{ services: golden }, breakers, cpu, memory, traced] = await Promise.all([
    goldenAt(sources.reader, sources.names, tenant, window.text, now),
    ask('max by (service, job, name) (circuit_breaker_state)'),
    ask(CPU),
    ask(MEMORY),
    sources.traced(tenant),
  ]);
  const [cpuOf, memoryOf] = [maxBy(sources.names, cpu), sumBy(sources.names, memory)];
  const breakersOf = new Map<string, { name: string; state: BreakerState }[]>();
  for (const series of breakers) {
    const owner = serviceOf(sources.names, series);
    const list = breakersOf.get(owner) ?? [];
    list.push({ name: series.label('name'), state: BREAKER_STATES[series.value] ?? 'CLOSED' });
    breakersOf.set(owner, list);
  }
  const health = new Map(sources.services(tenant).map((service) => [service.name, service]));
  const names = [...new Set([...health.keys(), ...golden.keys()])].filter(keep).sort();
  const services = names.map((name) => {
    const known = health.get(name);
    const own = (breakersOf.get(name) ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
    return {
      name,
      status: known?.status ?? ('unknown' as const),
      since: iso(known?.since ?? now),
      ...(golden.get(name) ?? NO_GOLDEN),
      breakers: own,
      dependencies: own
        .map((breaker) => sources.names.canonical(breaker.name.replace(CLIENT_SUFFIX, '')))
        .filter((other) => other !== name),
      instances: (known?.instances ?? []).map((i) => ({
        ...i,
        lastScrape: i.lastScrape === null ? null : iso(i.lastScrape),
      })),
      resources: { cpuPercent: cpuOf.get(name) ?? null, memoryMb: memoryOf.get(name) ?? null },
    };
  });
  const data = [...new Set([...names, ...traced.filter(keep)])].sort();
  return {
    timestamp: iso(now),
    window: window.text,
    services,
    data,
    total: data.length,
    limit: 0,
    offset: 0,
    errors: null,
  };
}
