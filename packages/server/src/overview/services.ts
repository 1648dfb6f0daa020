import type { z } from 'zod';
import type { KnownBreaker } from '../health/index.ts';
import { iso } from '../http/times.ts';
import { goldenAt, maxBy, NO_GOLDEN, sumBy } from './golden.ts';
import { SATURATION } from './performance.ts';
import type { servicesAnswer } from './shapes.ts';
import type { OverviewSources } from './summary.ts';

/** Per service: state, rates, resources, breakers, dependencies, instances; with Jaeger's `data` beside on the shared path. */
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
    sources.breakers(tenant),
    ask(SATURATION.cpu),
    ask(SATURATION.memory),
    sources.traced(tenant),
  ]);
  const [cpuOf, memoryOf] = [maxBy(sources.names, cpu), sumBy(sources.names, memory)];
  const breakersOf = new Map<string, KnownBreaker[]>();
  for (const breaker of breakers) {
    const list = breakersOf.get(breaker.service);
    if (list === undefined) breakersOf.set(breaker.service, [breaker]);
    else list.push(breaker);
  }
  const health = new Map(sources.services(tenant).map((service) => [service.name, service]));
  const versions = sources.versions(tenant);
  const names = [...new Set([...health.keys(), ...golden.keys()])].filter(keep).sort();
  const services = names.map((name) => {
    const known = health.get(name);
    const own = (breakersOf.get(name) ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return {
      name,
      status: known?.status ?? ('unknown' as const),
      since: iso(known?.since ?? now),
      ...(golden.get(name) ?? NO_GOLDEN),
      breakers: own.map((breaker) => ({ name: breaker.name, state: breaker.state })),
      dependencies: own
        .map(({ upstream }) => sources.names.canonical(upstream))
        .filter((other) => other !== name),
      instances: (known?.instances ?? []).map((i) => ({
        ...i,
        lastScrape: i.lastScrape === null ? null : iso(i.lastScrape),
      })),
      versions: (versions.get(name) ?? []).map(({ version, first, last }) => ({
        version,
        firstSeen: iso(first),
        lastSeen: iso(last),
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
