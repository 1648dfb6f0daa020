import { formatDuration } from '@pharos/promql';
import { isAsUrgent } from '../labels/severity.ts';
import type { AlertMatcher } from '../matchers/matcher.ts';
import { type Alert, isResolvedAt } from '../received/alert.ts';
import {
  type Below,
  leadsTo,
  type ServiceMap,
  type Standing,
  servicesBelow,
  wayText,
} from './service-map.ts';

/** Which alerts are folded into which, and for how long. Durations in ms. */
export interface FoldingRules {
  /** Alerts that a service may have because another one fails it. All match. */
  readonly symptoms: readonly AlertMatcher[];
  /** Alerts that say that a service fails. All match. */
  readonly causes: readonly AlertMatcher[];
  /** Calls between a service and what it suffers from, at most. */
  readonly hops: number;
  /** So long after it began to fire, an alert waits for the one about a service that is unwell below, or does not answer. */
  readonly waitMs: number;
  /** So long after the end of its cause, an alert that still fires is told. */
  readonly releaseMs: number;
}

/** What an alert is judged by, as it is at one instant and for one receiver. */
export interface FoldingWorld {
  readonly rules: FoldingRules;
  readonly map: ServiceMap;
  /** Alerts about a service that may be causes, also such as ended. */
  causesAt(service: string): Iterable<Alert>;
  /** Whether callers of a service felt its trouble at any time since alerts about it began to fire. */
  wasFelt(service: string): boolean;
  /** Whether the receiver is told of an alert. */
  isHeard(alert: Alert): boolean;
  /** Epoch ms until when alerts wait for the map, which is not there yet right after a start. */
  readonly mapBy: number;
}

/** Why an alert is part of the page about another one, or may soon be. */
export interface Folding {
  /** Fingerprints of the alerts that explain it; none while one is waited for. */
  readonly causes: readonly string[];
  readonly reason: string;
  /** Epoch ms at which it is told if nothing changes; null as long as a cause fires. */
  readonly until: number | null;
}

/** Causes that one alert names. */
const MOST_CAUSES = 5;
/** Of one service so many are looked at: where the receiver hears of none of these, the alert is told by itself. */
const MOST_LOOKS = 500;
const SECOND_MS = 1000;
/** Until it is looked again whether the map is there. */
const LOOK_AGAIN_MS = 5000;

interface Candidate {
  readonly at: Below;
  readonly alert: Alert;
}

/**
 * Whether an alert about a service is to be part of the page about one that the service calls, directly or over others; null when
 * it is to be told by itself.
 *
 * It is folded only into what the same receiver is told of, as urgently, and what lies strictly below on the map or has a fault of its
 * own, which is never folded: so whatever is folded into what, at the end of it there is an alert that is told.
 */
export function judgeFolding(alert: Alert, at: number, world: FoldingWorld): Folding | null {
  const { map, rules } = world;
  const service = map.serviceOf(alert.labels);
  if (service === undefined || map.standing(service)?.hasOwnFault === true) return null;
  if (!map.isKnown() && at < world.mapBy) return withoutMap(Math.min(at + LOOK_AGAIN_MS, world.mapBy));
  // Of two that call each other neither is the other's cause, unless it is known to have a fault of its own.
  const below = servicesBelow(map.calls(), service, rules.hops).filter(
    ({ name, isMutual }) => !isMutual || map.standing(name)?.hasOwnFault === true,
  );
  const candidates = below.flatMap((one) =>
    mayExplain(one.name, world) ? causesAmong(alert, one, at, world) : [],
  );
  const firing = candidates.filter((one) => !isResolvedAt(one.alert, at));
  if (firing.length > 0) return foldedInto(deepest(firing, world));
  const ended = lastEnded(candidates);
  if (ended !== undefined) return stillFolded(ended, at, rules);
  const until = alert.startsAt + rules.waitMs;
  // Its sender's clock may be ahead; of hours nobody waits for them.
  if (until <= at || until > at + 2 * rules.waitMs) return null;
  const unwell = below.find(({ name }) => isFelt(map.standing(name)));
  if (unwell !== undefined) return waiting(unwell, until, at);
  return below.length > 0 && map.standing(service)?.lacksAnswers === true ? waitingForOne(until, at) : null;
}

/** One that is well, or fails nobody any more, may just have recovered, while its alert and its callers' trouble last a moment longer. */
function mayExplain(service: string, { map, wasFelt }: FoldingWorld): boolean {
  const standing = map.standing(service);
  return standing === null || !standing.isUnwell || standing.failsCallers || wasFelt(service);
}

/** Whether a service has a trouble that its callers feel now. */
export function isFelt(standing: Standing | null): boolean {
  return standing !== null && standing.isUnwell && standing.failsCallers;
}

/** Those of one service that fire, as many as are named; of those that ended the last. */
function causesAmong(
  alert: Alert,
  below: Below,
  at: number,
  { rules, causesAt, isHeard }: FoldingWorld,
): readonly Candidate[] {
  // What began after the end of the cause is another trouble.
  const isInTime = ({ endsAt }: Alert): boolean =>
    at < endsAt || (at < endsAt + rules.releaseMs && alert.startsAt < endsAt + rules.waitMs);
  const firing: Alert[] = [];
  let ended: Alert | undefined;
  let looks = 0;
  for (const cause of causesAt(below.name)) {
    const isOver = isResolvedAt(cause, at);
    if (isOver && (firing.length > 0 || cause.endsAt <= (ended?.endsAt ?? 0))) continue;
    if (!isInTime(cause) || !isAsUrgent(cause.labels, alert.labels)) continue;
    if (++looks > MOST_LOOKS) break;
    if (!isHeard(cause)) continue;
    if (isOver) ended = cause;
    else if (firing.push(cause) >= MOST_CAUSES) break;
  }
  const found = firing.length > 0 || ended === undefined ? firing : [ended];
  return found.map((cause) => ({ at: below, alert: cause }));
}

/** Those that are not explained by others of them. */
function deepest(candidates: readonly Candidate[], { map }: FoldingWorld): readonly Candidate[] {
  const calls = map.calls();
  const services = [...new Set(candidates.map((one) => one.at.name))];
  const isExplained = (service: string): boolean =>
    map.standing(service)?.hasOwnFault !== true &&
    services.some((other) => other !== service && leadsTo(calls, service, other));
  const roots = candidates.filter((one) => !isExplained(one.at.name));
  return (roots.length > 0 ? roots : candidates).slice(0, MOST_CAUSES);
}

function foldedInto(causes: readonly Candidate[]): Folding {
  const reasons = causes.map((cause) => `${titleOf(cause)} (${wayText(cause.at.way)})`);
  return {
    causes: causes.map(({ alert }) => alert.fingerprint),
    reason: `part of ${[...new Set(reasons)].join(', ')}`,
    until: null,
  };
}

function lastEnded(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (last, one) => (last === undefined || one.alert.endsAt > last.alert.endsAt ? one : last),
    undefined,
  );
}

function stillFolded(cause: Candidate, at: number, { releaseMs }: FoldingRules): Folding {
  const until = cause.alert.endsAt + releaseMs;
  return {
    causes: [cause.alert.fingerprint],
    reason: `part of ${titleOf(cause)}, which ended (${wayText(cause.at.way)}); told if it still fires in ${rest(until, at)}`,
    until,
  };
}

function withoutMap(until: number): Folding {
  return { causes: [], reason: 'waits until it is known who calls whom: Pharos has just started', until };
}

function waiting({ name, way }: Below, until: number, at: number): Folding {
  return {
    causes: [],
    reason: `waits for an alert about ${name}, which is unwell (${wayText(way)}); told in ${rest(until, at)} if none comes`,
    until,
  };
}

/** Who asks in vain knows it at once; that the other one fails shows only at a second look at it. */
function waitingForOne(until: number, at: number): Folding {
  return {
    causes: [],
    reason: `waits for an alert about one that its service calls and gets no answers from; told in ${rest(until, at)} if none comes`,
    until,
  };
}

function rest(until: number, at: number): string {
  return formatDuration(Math.ceil((until - at) / SECOND_MS) * SECOND_MS);
}

function titleOf({ alert, at }: Candidate): string {
  return `${alert.labels.get('alertname') ?? 'the alert'} of ${at.name}`;
}
