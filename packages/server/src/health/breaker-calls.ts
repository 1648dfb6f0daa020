import type { ServiceNames } from '../kernel/names.ts';
import type { InstantReader } from './figures.ts';

const CLIENT_SUFFIX = /-(client|service)$/;

/** Who calls whom by the names of breakers (SPEC 1: `user-client` protects calls to `user`): known from the first scrape on. */
export async function callsByBreakers(
  reader: InstantReader,
  names: ServiceNames,
  tenant: string,
  time: number,
): Promise<Map<string, Set<string>>> {
  const calls = new Map<string, Set<string>>();
  for (const series of await reader.instant(
    tenant,
    'count by (service, job, name) (circuit_breaker_state)',
    time,
  )) {
    const owner = names.of(series.label);
    const upstream = names.canonical(series.label('name').replace(CLIENT_SUFFIX, ''));
    if (owner === undefined || upstream === '' || upstream === owner) continue;
    const called = calls.get(owner);
    if (called === undefined) calls.set(owner, new Set([upstream]));
    else called.add(upstream);
  }
  return calls;
}
