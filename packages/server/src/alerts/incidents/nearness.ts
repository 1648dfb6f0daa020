import { PLACES } from './correlation.ts';
import type { Member, Sighting } from './incident.ts';
import type { CallMap } from './topology.ts';

/** Alerts of an incident by what they name: a service, a place, a trace, themselves; the newest of each alone. */
type Digest = ReadonlyMap<string, readonly Member[]>;

/** Of the alerts that name the same so many are looked at: a rule gone wild has hundreds. */
const MOST_LOOKS = 5;

/** The alerts of an incident stay the same list until one of them changes. */
const digests = new WeakMap<readonly Member[], Digest>();
const reversed = new WeakMap<CallMap, CallMap>();

/** By what an alert may be tied: what it names, and the services that those it names can be tied to. */
export function reachOf(
  alert: Sighting,
  inhibitedBy: readonly string[],
  { calls, hops }: { readonly calls: CallMap; readonly hops: number },
): readonly string[] {
  const services = [...around(alert.services, calls, hops)].map(serviceKey);
  return [...services, ...namedBy({ ...alert, services: [] }), ...inhibitedBy.map(alertKey)];
}

/** Those of these alerts of an incident that one of such a reach may be tied to. */
export function candidates(reach: readonly string[], members: readonly Member[]): readonly Member[] {
  const digest = digestOf(members);
  const found = new Set<Member>();
  for (const key of reach) for (const member of digest.get(key) ?? []) found.add(member);
  return [...found];
}

function digestOf(members: readonly Member[]): Digest {
  const known = digests.get(members);
  if (known !== undefined) return known;
  const digest = new Map<string, Member[]>();
  for (let i = members.length - 1; i >= 0; i--) {
    const member = members[i];
    for (const key of [...namedBy(member), alertKey(member.fingerprint)]) {
      const of = digest.get(key);
      if (of === undefined) digest.set(key, [member]);
      else if (of.length < MOST_LOOKS) of.push(member);
    }
  }
  digests.set(members, digest);
  return digest;
}

const serviceKey = (name: string): string => `service ${name}`;
const alertKey = (fingerprint: string): string => `alert ${fingerprint}`;

function namedBy({
  services,
  labels,
  traces,
}: Pick<Sighting, 'services' | 'labels' | 'traces'>): readonly string[] {
  const keys = services.map(serviceKey);
  for (const [name, value] of labels) if (PLACES.has(name)) keys.push(`${name}=${value}`);
  for (const trace of traces) keys.push(`trace ${trace}`);
  return keys;
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
