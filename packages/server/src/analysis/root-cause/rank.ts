import { iso } from '../../http/times.ts';
import { cut, percent, spanWords, took } from '../words.ts';
import {
  blameEvidence,
  breakerEvidence,
  causesOf,
  deviationEvidence,
  episodesOf,
  errorEvidence,
  firstEvidence,
  healthEvidence,
  isResource,
  WEIGHTS,
  withoutMany,
} from './evidence.ts';
import { DEPLOYMENT_REACH_MS, type Facts } from './facts.ts';
import { type Evidence, firstOf, type Suspect, together } from './suspect.ts';

/** What speaks for less than this is no suspect. */
const LEAST_SCORE = 0.1;
/** An answer names no more than these: of those that it is about, the likeliest. */
export const MOST_SUSPECTS = 20;
/** What is left of the score of a service that suffers from another one: what is seen of it is a symptom. */
const SYMPTOM = 0.35;
/** How much a change speaks for itself when it came just before the trouble. */
const CHANGE = 0.5;
/** The same of a change that names no service. */
const CHANGE_OF_NONE = 0.25;
/** Failed requests that make an endpoint a suspect, their share of its requests, and of all that failed at the service. */
const ENDPOINT_FAILED = 5;
const ENDPOINT_RATIO = 0.05;
const ENDPOINT_SHARE = 0.5;
const SLOW_S = 0.5;
const TIMES_SLOWER = 3;

/** What may be the cause of what is wrong, the likeliest first: a pure function of the facts. Empty when nothing is wrong. */
export function rankSuspects(facts: Facts): readonly Suspect[] {
  const services = serviceSuspects(facts);
  const all = [...services, ...changeSuspects(facts, services), ...endpointSuspects(facts, services)];
  return all
    .filter(({ score }) => score >= LEAST_SCORE)
    .sort(
      (a, b) =>
        b.score - a.score || (a.since ?? Infinity) - (b.since ?? Infinity) || (a.name < b.name ? -1 : 1),
    );
}

/**
 * How sure the first suspect is the cause: its score, less what speaks for the next one of another service. Null without one.
 */
export function confidenceOf(suspects: readonly Suspect[]): number | null {
  const [first] = suspects;
  if (first === undefined) return null;
  const other = suspects.find(({ service, name }) => service !== first.service && name !== first.service);
  return (first.score * first.score) / (first.score + (other?.score ?? 0));
}

/** Services, and what services depend on without being one that is known. */
function serviceSuspects(facts: Facts): Suspect[] {
  const evidence = new Map<string, Evidence[]>();
  const affected = new Map<string, Set<string>>();
  const add = (name: string, one: Evidence): void => {
    const list = evidence.get(name);
    if (list === undefined) evidence.set(name, [one]);
    else list.push(one);
  };
  const suffers = (sufferer: string, cause: string): void => {
    const list = affected.get(cause);
    if (list === undefined) affected.set(cause, new Set([sufferer]));
    else list.add(sufferer);
  };
  const live = new Map(facts.services.map((service) => [service.name, service]));
  const episodes = episodesOf(facts);
  const symptoms = new Set<string>();
  for (const [service, { episode, incident }] of episodes) {
    add(service, healthEvidence(episode, live.get(service)));
    const causes = causesOf(episode, live.get(service));
    if (causes.length > 0) symptoms.add(service);
    for (const cause of causes) {
      add(cause, blameEvidence(service, cause, episode.from));
      suffers(service, cause);
    }
    const others = incident.services.filter((one) => one.service !== service);
    if (others.length > 0 && others.every((one) => one.from > episode.from))
      add(service, firstEvidence(episode, new Set(others.map((one) => one.service)).size));
  }
  // What an open breaker refused tells of the breaker alone.
  for (const finding of facts.errors)
    if (finding.type !== 'circuit_breaker') add(finding.service, errorEvidence(finding));
  for (const change of lastOpened(facts)) {
    const told = breakerEvidence(change);
    add(change.upstream, told);
    suffers(change.service, change.upstream);
    if (evidence.has(change.service))
      add(change.service, { ...told, weight: WEIGHTS.breakerOwn, action: '' });
  }
  for (const deviation of facts.deviations) add(deviation.service, deviationEvidence(deviation));
  const busy = new Set(facts.deviations.filter(isResource).map(({ service }) => service));
  const known = new Set([...live.keys(), ...episodes.keys(), ...facts.deviations.map((one) => one.service)]);
  return [...evidence].map(([name, all]): Suspect => {
    const kept = withoutMany(all);
    const factor = symptoms.has(name) && !busy.has(name) ? SYMPTOM : 1;
    const isService =
      known.has(name) || all.some(({ kind, service }) => kind === 'error' && service === name);
    return {
      kind: isService ? 'service' : 'dependency',
      name,
      service: isService ? name : '',
      score: factor * together(kept.map(({ weight }) => weight)),
      since: firstOf(kept),
      evidence: kept,
      affected: [...(affected.get(name) ?? [])].filter((other) => other !== name).sort(),
    };
  });
}

/** Of each breaker the last time it opened. */
function lastOpened({ opened }: Facts): Facts['opened'] {
  return [...new Map(opened.map((one) => [`${one.service}\u0000${one.name}`, one])).values()];
}

/** Deployments that came shortly before what is wrong with their service. */
function changeSuspects(facts: Facts, services: readonly Suspect[]): Suspect[] {
  const begun = services
    .filter(({ since }) => since !== null)
    .sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
  return facts.deployments.flatMap((deployment): Suspect[] => {
    const { service, time, title, text } = deployment;
    const suspect =
      service === undefined
        ? begun[0]
        : services.find(({ name, kind }) => kind === 'service' && name === service);
    if (suspect?.since == null || suspect.score < LEAST_SCORE) return [];
    const before = suspect.since - time;
    if (before < -60_000 || before > DEPLOYMENT_REACH_MS) return [];
    const nearness = 1 - Math.max(0, before) / DEPLOYMENT_REACH_MS;
    const weight = nearness * (service === undefined ? CHANGE_OF_NONE : CHANGE);
    const own: Evidence = {
      kind: 'deployment',
      service: suspect.name,
      at: time,
      weight,
      message: `${title} at ${iso(time)}, ${beforeWords(before)} the trouble of ${suspect.name} began${text === '' ? '' : `: ${cut(text, 200)}`}`,
      link: `/services/${encodeURIComponent(suspect.name)}`,
      action: `Compare ${suspect.name} with its version before "${title}", and roll it back if that was well.`,
    };
    return [
      {
        kind: 'change',
        name: title,
        service: suspect.name,
        score: together([suspect.score, weight]),
        since: time,
        // Its service may be unwell for anything: what speaks for the change alone says what to do first.
        evidence: [own, ...suspect.evidence.slice(0, 3)],
        affected: [...new Set([suspect.name, ...suspect.affected])],
      },
    ];
  });
}

/** When something was that came so long before, ms; what was seen a little later counts as at once. */
function beforeWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 1 ? 'as' : `${minutes === 1 ? 'a minute' : `${minutes} minutes`} before`;
}

/** Endpoints at which most of what fails at a suspected service fails, or that became far slower. */
function endpointSuspects({ endpoints, to, from }: Facts, services: readonly Suspect[]): Suspect[] {
  return services.flatMap((suspect): Suspect[] => {
    if (suspect.kind !== 'service') return [];
    const own = endpoints.filter(({ service }) => service === suspect.name);
    const failed = own.reduce((sum, one) => sum + one.failed, 0);
    return own.flatMap((one): Suspect[] => {
      const share = failed === 0 ? 0 : one.failed / failed;
      const fails =
        own.length > 1 &&
        one.failed >= ENDPOINT_FAILED &&
        one.failed / one.requests >= ENDPOINT_RATIO &&
        share >= ENDPOINT_SHARE;
      const slower =
        one.p95 !== null && one.p95 >= SLOW_S && one.p95 >= TIMES_SLOWER * (one.p95Before ?? Infinity);
      if (!fails && !slower) return [];
      const name = `${one.method} ${one.route}`;
      const said = fails
        ? `${percent(one.failed / one.requests)} of the requests to ${name} fail, ${percent(share)} of all that fail at ${suspect.name}`
        : `95 % of the requests to ${name} take up to ${took(one.p95 ?? 0)} (${took(one.p95Before ?? 0)} in the ${spanWords(to - from)} before)`;
      const weight = fails ? share : 0.6;
      const evidence: Evidence = {
        kind: 'endpoint',
        service: suspect.name,
        at: null,
        weight,
        message: said,
        link: `/traces?service=${encodeURIComponent(suspect.name)}`,
        action: `Look at the traces of ${name} at ${suspect.name}.`,
      };
      return [
        {
          kind: 'endpoint',
          name,
          service: suspect.name,
          // Never above its service: it only says where to look there.
          score: suspect.score * weight * 0.95,
          since: suspect.since,
          evidence: [evidence],
          affected: suspect.affected,
        },
      ];
    });
  });
}
