import { PLACES, SERVICE_LABELS, SPOTS } from './correlation.ts';
import type { Incident, Member, Sighting } from './incident.ts';

/*
 * Alerts that are tied to each other in a chain (a to b, b to c ...) would make an estate one incident, each within minutes of the one before.
 * So an incident takes whatever is tied to any of its alerts for `spread` after it opened. What begins later must be tied to its core: alerts
 * that began until then, and those of the same services and places, however late. What was taken later and is of others takes nothing along.
 *
 *     opened ── everything tied to any ── opened + spread ── what is tied to the core ──> over
 */

type Opened = Pick<Incident, 'openedAt' | 'members'>;

/** A queue, a database, a volume: where alerts are alike in what they are about. Words that many share are no such place. */
const LEAST_FOR_PLACE = 30;
const OWN_PLACES = [...PLACES].flatMap(([name, points]) =>
  points >= LEAST_FOR_PLACE && !SPOTS.includes(name) ? [name] : [],
);

/** The alerts of an incident stay the same list until one of them changes. */
const cores = new WeakMap<readonly Member[], { readonly until: number; readonly core: readonly Member[] }>();

/** The alerts of an incident that a new one may be tied to. */
export function recruiters(
  alert: Pick<Sighting, 'signAt'>,
  incident: Opened,
  { spreadMs, inhibitedBy }: { readonly spreadMs: number; readonly inhibitedBy: ReadonlySet<string> },
): readonly Member[] {
  if (alert.signAt <= incident.openedAt + spreadMs) return incident.members;
  const core = coreOf(incident, spreadMs);
  // That one keeps the other quiet is somebody's word, not a chain of guesses.
  if (inhibitedBy.size === 0 || core === incident.members) return core;
  return [
    ...new Set([...core, ...incident.members.filter(({ fingerprint }) => inhibitedBy.has(fingerprint))]),
  ];
}

/** What an incident began with, and what is about the same. */
function coreOf({ members, openedAt }: Opened, spreadMs: number): readonly Member[] {
  const until = openedAt + spreadMs;
  const known = cores.get(members);
  if (known?.until === until) return known.core;
  const early = new Set(members.filter(({ signAt }) => signAt <= until));
  const names = new Set([...early].flatMap(ownNames));
  const isCore = (member: Member): boolean =>
    early.has(member) || ownNames(member).some((name) => names.has(name));
  const core = early.size === members.length ? members : members.filter(isCore);
  cores.set(members, { until, core });
  return core;
}

/** Whether an incident could have taken every alert of another one by itself: else a chain of merges would have no end. */
export function couldTake(into: Opened, gone: Pick<Incident, 'members'>, spreadMs: number): boolean {
  const both = [...into.members, ...gone.members];
  const core = new Set(
    coreOf({ openedAt: into.openedAt, members: both }, spreadMs).map(({ fingerprint }) => fingerprint),
  );
  return gone.members.every(
    ({ fingerprint, why }) =>
      core.has(fingerprint) || core.has(why.to) || why.reasons.some(({ link }) => link === 'inhibition'),
  );
}

/** The service and the places that an alert itself is about. An exporter's `job` is no service of what it tells of. */
function ownNames({ labels, services }: Pick<Sighting, 'labels' | 'services'>): readonly string[] {
  const spot = SPOTS.find((name) => labels.has(name));
  const places = [...(spot === undefined ? [] : [spot]), ...OWN_PLACES].flatMap((name) => {
    const value = labels.get(name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  const [service] = services;
  const isNamed = places.length === 0 || SERVICE_LABELS.some((name) => labels.has(name));
  return service !== undefined && isNamed ? [`service ${service}`, ...places] : places;
}
