import type { ServiceNames } from '../kernel/names.ts';

/** One circuit breaker and how it stands. */
export interface KnownBreaker {
  /** Whose breaker it is, canonical. */
  readonly service: string;
  readonly name: string;
  /** What it protects. */
  readonly upstream: string;
  readonly state: 'CLOSED' | 'HALF_OPEN' | 'OPEN';
}

/** Who calls whom by the breakers that stand between them: known before the first call. */
export function callsByBreakers(
  breakers: readonly KnownBreaker[],
  names: Pick<ServiceNames, 'canonical'>,
): Map<string, Set<string>> {
  const calls = new Map<string, Set<string>>();
  for (const { service, upstream: raw } of breakers) {
    const upstream = names.canonical(raw);
    if (upstream === '' || upstream === service) continue;
    const called = calls.get(service);
    if (called === undefined) calls.set(service, new Set([upstream]));
    else called.add(upstream);
  }
  return calls;
}
