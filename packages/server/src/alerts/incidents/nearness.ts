import { PLACES } from './correlation.ts';
import type { Incident, Member, Sighting } from './incident.ts';
import type { CallMap } from './topology.ts';

/** What an incident's alerts name, so that most incidents need no look at each of their alerts. */
interface Digest {
  readonly services: ReadonlySet<string>;
  /** `name\u0000value` of labels that say where something is. */
  readonly places: ReadonlySet<string>;
  readonly traces: ReadonlySet<string>;
  readonly fingerprints: ReadonlySet<string>;
}

/** What an alert may be tied by. */
export interface Reach {
  /** Those that it names, and those that they can be tied to. */
  readonly services: ReadonlySet<string>;
  readonly places: readonly string[];
  readonly traces: readonly string[];
  readonly inhibitedBy: readonly string[];
}

/** The alerts of an incident stay the same list until one of them changes. */
const digests = new WeakMap<readonly Member[], Digest>();
const reversed = new WeakMap<CallMap, CallMap>();

export function reachOf(
  alert: Sighting,
  inhibitedBy: readonly string[],
  { calls, hops }: { readonly calls: CallMap; readonly hops: number },
): Reach {
  return {
    services: around(alert.services, calls, hops),
    places: placesOf(alert),
    traces: alert.traces,
    inhibitedBy,
  };
}

/** False where nothing can tie the alert to the incident. */
export function isNear({ services, places, traces, inhibitedBy }: Reach, { members }: Incident): boolean {
  const digest = digestOf(members);
  return (
    places.some((one) => digest.places.has(one)) ||
    traces.some((one) => digest.traces.has(one)) ||
    inhibitedBy.some((one) => digest.fingerprints.has(one)) ||
    [...services].some((one) => digest.services.has(one))
  );
}

function digestOf(members: readonly Member[]): Digest {
  let digest = digests.get(members);
  if (digest === undefined) {
    digest = {
      services: new Set(members.flatMap((one) => one.services)),
      places: new Set(members.flatMap(placesOf)),
      traces: new Set(members.flatMap((one) => one.traces)),
      fingerprints: new Set(members.map(({ fingerprint }) => fingerprint)),
    };
    digests.set(members, digest);
  }
  return digest;
}

function placesOf({ labels }: Pick<Sighting, 'labels'>): readonly string[] {
  const places: string[] = [];
  for (const [name, value] of labels) if (PLACES.has(name)) places.push(`${name}\u0000${value}`);
  return places;
}

/** Services so many calls away, in either direction. */
function around(services: readonly string[], calls: CallMap, hops: number): ReadonlySet<string> {
  const callers = callersOf(calls);
  const found = new Set(services);
  let ends: readonly string[] = services;
  for (let hop = 0; hop < hops; hop++) {
    const next = new Set(ends.flatMap((one) => [...(calls.get(one) ?? []), ...(callers.get(one) ?? [])]));
    ends = [...next].filter((one) => !found.has(one));
    for (const one of ends) found.add(one);
  }
  return found;
}

function callersOf(calls: CallMap): CallMap {
  const known = reversed.get(calls);
  if (known !== undefined) return known;
  const callers = new Map<string, Set<string>>();
  for (const [caller, called] of calls)
    for (const callee of called) {
      const of = callers.get(callee) ?? new Set<string>();
      of.add(caller);
      callers.set(callee, of);
    }
  reversed.set(calls, callers);
  return callers;
}
