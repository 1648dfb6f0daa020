import { isFiring, type Member, nameOf, type Reason, type Sighting, type Why } from './incident.ts';
import { type CallMap, type Tie, tieOf, tieWords } from './topology.ts';

/** How alerts are judged to belong together. */
export interface CorrelationRules {
  /** Alerts that begin within it of each other may belong together, ms. */
  readonly windowMs: number;
  /** So many calls apart services may be. */
  readonly hops: number;
  /** An incident takes what is tied to any of its alerts until so long after it opened, then what is tied to its core, ms; see core.ts. */
  readonly spreadMs: number;
}

/** What is known besides the alerts. */
export interface Surroundings {
  readonly rules: CorrelationRules;
  readonly calls: CallMap;
  /** Fingerprints of alerts that keep one quiet. */
  readonly inhibitedBy: ReadonlySet<string>;
  /** When the incident opened, epoch ms. */
  readonly openedAt: number;
}

/** Points from which on two alerts belong together: never by their times alone, nor by one label that many have. */
export const THRESHOLD = 50;
/** More certain than this nobody needs to be. */
const CERTAIN = 90;
/** Begun together, rather than one after the other. */
const TOGETHER_MS = 60_000;
/** Points for what began long after the other, which lasts. */
const WHILE_IT_LASTED = 10;
/** An incident that lasts longer than this takes no more alerts for their service alone. */
const MOST_AGE_MS = 86_400_000;

/** Labels that say where something is, with how much the same value says; a label that everything has says little. */
export const PLACES: ReadonlyMap<string, number> = new Map([
  ['pod', 40],
  ['instance', 35],
  ['node', 35],
  ['host', 35],
  ['hostname', 35],
  ['nodename', 35],
  ['queue', 30],
  ['topic', 30],
  ['database', 30],
  ['db', 30],
  ['volume', 30],
  ['persistentvolumeclaim', 30],
  ['deployment', 25],
  ['statefulset', 25],
  // The same rule in many places at once is one thing more often than many.
  ['alertname', 20],
  ['job', 15],
  ['namespace', 10],
  ['cluster', 5],
  ['region', 5],
  ['zone', 5],
]);
/** However many labels are the same. */
const MOST_FOR_LABELS = 45;
const MOST_LABELS_NAMED = 3;

const TIE_POINTS: Readonly<Record<Tie['kind'], number>> = {
  same: 40,
  calls: 35,
  'shared callee': 25,
  'shared caller': 10,
};

/** What happened at other times needs more than a place in common. */
const NOT_TIED: Why = { to: '', reasons: [], score: 0 };

/** How much ties a new alert to one of an incident; the reasons with most points first. */
function tied(
  sighting: Sighting,
  member: Member,
  { rules, calls, inhibitedBy, openedAt }: Surroundings,
  now: number,
): Why {
  const isOld = now - openedAt > MOST_AGE_MS;
  const time = timeReason(sighting, member, rules, { now, isOld });
  const traces = tracesReason(sighting, member);
  const isInhibited = inhibitedBy.has(member.fingerprint);
  if (time === null && traces === null && !isInhibited) return NOT_TIED;
  if (time?.points === WHILE_IT_LASTED && traces === null && !isInhibited && isElsewhere(sighting, member))
    return NOT_TIED;
  const reasons = [
    time,
    topologyReason(sighting, member, calls, rules.hops),
    labelsReason(sighting, member),
    traces,
    isInhibited
      ? ({ link: 'inhibition', text: `kept quiet by ${nameOf(member)}`, points: THRESHOLD } as const)
      : null,
  ].filter((one): one is Reason => one !== null);
  // Times say nothing of what they are times of.
  const score = reasons.some(({ link }) => link !== 'time')
    ? reasons.reduce((sum, { points }) => sum + points, 0)
    : 0;
  return { to: member.fingerprint, reasons: reasons.toSorted((a, b) => b.points - a.points), score };
}

/** What ties an alert closest to one of these of an incident; null where nothing does. */
export function closest(
  sighting: Sighting,
  members: readonly Member[],
  around: Surroundings,
  now: number,
): Why | null {
  let best: Why | null = null;
  for (const member of members) {
    const why = tied(sighting, member, around, now);
    if (why.score < THRESHOLD || why.score <= (best?.score ?? 0)) continue;
    best = why;
    if (why.score >= CERTAIN) break;
  }
  return best;
}

function timeReason(
  { signAt, startsAt }: Sighting,
  member: Member,
  { windowMs }: CorrelationRules,
  { now, isOld }: { readonly now: number; readonly isOld: boolean },
): Reason | null {
  const apart = Math.min(
    Math.abs(signAt - member.signAt),
    Math.abs(startsAt - member.lastBeganAt),
    Math.abs(signAt - member.lastBeganAt),
  );
  if (apart <= windowMs) {
    const points = apart <= TOGETHER_MS ? 30 : 20;
    const order = signAt < member.signAt ? 'before' : 'after';
    const text = apart < 1000 ? `began together with` : `began ${span(apart)} ${order}`;
    return { link: 'time', text: `${text} ${nameOf(member)}`, points };
  }
  const lasts = isFiring(member) || now - (member.endedAt ?? 0) <= windowMs;
  if (!lasts || isOld) return null;
  return { link: 'time', text: `began while ${nameOf(member)} lasted`, points: WHILE_IT_LASTED };
}

/** Labels that name a service itself; `job` may name the exporter that tells of many. */
export const SERVICE_LABELS: readonly string[] = ['service', 'service.name', 'service_name', 'source', 'app'];
/** Where something is, the closest first: an exporter's alerts all have its own instance. */
export const SPOTS: readonly string[] = [
  'pod',
  'deployment',
  'statefulset',
  'node',
  'host',
  'hostname',
  'nodename',
  'instance',
];

/**
 * Whether two that are known by their job alone are about different machines or pods: an exporter tells of all of them, and what one
 * has all day is not what another one gets in the evening.
 */
function isElsewhere({ labels: own }: Sighting, { labels: other }: Member): boolean {
  if (SERVICE_LABELS.some((name) => own.has(name) || other.has(name))) return false;
  const spot = SPOTS.find((name) => own.has(name) && other.has(name));
  return spot !== undefined && own.get(spot) !== other.get(spot);
}

function topologyReason(a: Sighting, b: Member, calls: CallMap, hops: number): Reason | null {
  let best: Reason | null = null;
  for (const [i, one] of a.services.entries())
    for (const [j, other] of b.services.entries()) {
      // Two that merely name the same third one say what a shared callee says.
      if (i > 0 && j > 0) continue;
      const tie = tieOf(one, other, calls, hops);
      if (tie === null) continue;
      const far = tie.kind === 'calls' ? 5 * (tie.path.length - 2) : 0;
      const points = TIE_POINTS[tie.kind] - far;
      if (points > (best?.points ?? 0)) best = { link: 'topology', text: tieWords(one, other, tie), points };
    }
  return best;
}

function labelsReason({ labels }: Sighting, member: Member): Reason | null {
  let points = 0;
  const same: string[] = [];
  for (const [name, worth] of PLACES) {
    const value = labels.get(name);
    if (value === undefined || value === '' || member.labels.get(name) !== value) continue;
    points += worth;
    if (same.length < MOST_LABELS_NAMED) same.push(`${name}=${value}`);
  }
  if (points === 0) return null;
  return { link: 'labels', text: `the same ${same.join(', ')}`, points: Math.min(points, MOST_FOR_LABELS) };
}

function tracesReason({ traces }: Sighting, member: Member): Reason | null {
  const shared = traces.find((id) => member.traces.includes(id));
  return shared === undefined
    ? null
    : { link: 'traces', text: `both name the trace ${shared}`, points: THRESHOLD };
}

/** A length of time in words: `20 s`, `3 min`. */
export function span(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 360_000) / 10} h`;
}
