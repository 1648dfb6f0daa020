import type { BreakerTransition } from '../../breakers/index.ts';
import type { ErrorFinding } from '../../errors/index.ts';
import type { Incident, ServiceHealth } from '../../health/index.ts';
import { iso } from '../../http/times.ts';
import type { Deviation } from '../deviation.ts';
import { cut, deviationWords, listed, times } from '../words.ts';
import type { Facts } from './facts.ts';
import type { Evidence } from './suspect.ts';

/** How much each kind of evidence speaks for a service by itself; docs/analysis.md has the table. */
export const WEIGHTS = {
  unhealthy: 0.6,
  degraded: 0.35,
  /** Not well, and another one is to blame by who calls whom. */
  suffers: 0.1,
  /** For each service that suffers from it. */
  blamed: 0.25,
  first: 0.15,
  errorNew: 0.3,
  errorRegressed: 0.35,
  errorRising: 0.25,
  errorLow: 0.08,
  /** For each service whose breaker before it opened. */
  breakerBefore: 0.3,
  /** Its own breaker opened: a symptom. */
  breakerOwn: 0.05,
  resources: 0.3,
  answers: 0.22,
  moreTraffic: 0.2,
  lessTraffic: 0.1,
  /** For the service that was deployed; the change itself is a suspect of its own. */
  deployed: 0.1,
} as const;

/** More of one kind says little more. */
const MOST_OF_A_KIND = 3;
/** Characters of an error's message. */
const MOST_MESSAGE = 160;

type Episode = Incident['services'][number];

/** Each service's last stretch of trouble that touches the window, with the incident it was part of. */
export function episodesOf({
  incidents,
  from,
}: Pick<Facts, 'incidents' | 'from'>): Map<
  string,
  { readonly episode: Episode; readonly incident: Incident }
> {
  const last = new Map<string, { readonly episode: Episode; readonly incident: Incident }>();
  for (const incident of incidents)
    for (const episode of incident.services)
      if (episode.to === null || episode.to >= from) last.set(episode.service, { episode, incident });
  return last;
}

/** The services one suffered from last: as health says now, else in the words of then. */
export function causesOf(episode: Episode, live: ServiceHealth | undefined): readonly string[] {
  return episode.to === null && live !== undefined ? live.causedBy : episode.causedBy;
}

export function healthEvidence(episode: Episode, live: ServiceHealth | undefined): Evidence {
  const { service, from, to, worst, reason } = episode;
  const causes = causesOf(episode, live);
  const lasts = to === null && live !== undefined && live.status !== 'healthy' && live.status !== 'unknown';
  const why = lasts ? (live.reasons.find(({ severity }) => severity !== 'info')?.message ?? reason) : reason;
  const state = lasts
    ? `is ${live.status} and has not been well since ${iso(from)}`
    : `was ${worst} from ${iso(from)} ${to === null ? 'on' : `to ${iso(to)}`}`;
  const blame = causes.length === 0 ? '' : `; it suffers from ${listed(causes)}`;
  return {
    kind: 'health',
    service,
    at: from,
    weight:
      causes.length > 0 ? WEIGHTS.suffers : worst === 'unhealthy' ? WEIGHTS.unhealthy : WEIGHTS.degraded,
    message: `${service} ${state}: ${why}${blame}`,
    link: `/services/${encodeURIComponent(service)}`,
    action: causes.length > 0 ? '' : healthAction(service, live),
  };
}

/** What the sources that complain call for. */
function healthAction(service: string, live: ServiceHealth | undefined): string {
  const bad = (live?.sources ?? []).filter(({ status }) => status === 'unhealthy' || status === 'degraded');
  const fails = (kind: string): boolean => bad.some((one) => one.kind === kind && one.failing);
  if (fails('scrape') || fails('poll'))
    return `Check that ${service} runs and can be reached: it does not answer those who look at it.`;
  if (fails('probe')) return `Check that ${service} runs and can be reached: its probe fails.`;
  if (fails('heartbeat')) return `Check that ${service} runs: its heartbeat is missing.`;
  const kinds = new Set(bad.map(({ kind }) => kind));
  if (kinds.has('poll'))
    return `Read what ${service} says of itself under /health: it names the check that fails.`;
  const report = bad.find(({ kind }) => kind === 'report');
  if (report !== undefined)
    return `Look at the newest logs and errors of ${service}: it reported itself ${report.status}.`;
  if (kinds.has('resources'))
    return `Look at the processor, memory and event loop of ${service}; restart or add an instance to win time.`;
  if (kinds.has('events')) return `Look at the events of ${service} that were judged CRITICAL.`;
  return `Look at ${service} first: its slow and failed requests, their traces and its newest errors.`;
}

export function blameEvidence(sufferer: string, cause: string, at: number): Evidence {
  return {
    kind: 'dependency',
    service: sufferer,
    at,
    weight: WEIGHTS.blamed,
    message: `${sufferer} calls ${cause} and suffers from it`,
    link: '/topology',
    action: '',
  };
}

export function firstEvidence({ service, from }: Episode, others: number): Evidence {
  return {
    kind: 'order',
    service,
    at: from,
    weight: WEIGHTS.first,
    message: `${service} was the first of ${others + 1} services that were not well`,
    link: '/incidents',
    action: '',
  };
}

export function errorEvidence(finding: ErrorFinding): Evidence {
  const { service, why, severity, name, message, culprit, count, expected, at, group } = finding;
  const grave = severity === 'high' || severity === 'critical';
  const weight = { new: WEIGHTS.errorNew, regressed: WEIGHTS.errorRegressed, rising: WEIGHTS.errorRising }[
    why
  ];
  const said = `${name}${message === '' ? '' : `: ${cut(message, MOST_MESSAGE)}`}`;
  const how = {
    new: `a new error, ${times(count)}`,
    regressed: `an error that was resolved is back, ${times(count)}`,
    rising: `an error rises, ${times(count)} (usually ${expected.toFixed(1)})`,
  }[why];
  return {
    kind: 'error',
    service,
    at,
    weight: grave ? weight : WEIGHTS.errorLow,
    message: `${how}: ${said}`,
    link: `/errors/${group}`,
    action:
      culprit === ''
        ? `Look at the error ${name} of ${service}.`
        : `Look at ${culprit} of ${service}, where ${name} comes from.`,
  };
}

/** Why a breaker opened, in words; those of other libraries stand as they are. */
const OPENED_BECAUSE: ReadonlyMap<string, string> = new Map([
  ['tripped', 'too many calls failed'],
  ['probe_failed', 'a call that tried it failed'],
  ['forced', 'somebody opened it'],
]);

export function breakerEvidence({ service, name, upstream, at, reason }: BreakerTransition): Evidence {
  return {
    kind: 'breaker',
    service,
    at,
    weight: WEIGHTS.breakerBefore,
    message: `the breaker ${name} of ${service} before ${upstream} opened${reason === '' ? '' : `: ${OPENED_BECAUSE.get(reason) ?? reason}`}`,
    link: `/breakers?service=${encodeURIComponent(service)}`,
    action: `Find why calls of ${service} to ${upstream} fail; once they do not, reset the breaker ${name}, or wait until it closes by itself.`,
  };
}

export function deviationEvidence(deviation: Deviation & { readonly service: string }): Evidence {
  const { service, signal, direction, from } = deviation;
  return {
    kind: 'deviation',
    service,
    at: from,
    weight: deviationWeight(deviation),
    message: `${service}: ${deviationWords(deviation)}`,
    link: `/services/${encodeURIComponent(service)}`,
    action:
      signal === 'request_rate' && direction === 'above'
        ? `See who sends so much to ${service}: limit it, or add instances.`
        : signal === 'memory_mb'
          ? `Look for a leak in ${service}; a restart wins time.`
          : signal === 'cpu_percent' || signal === 'event_loop_lag'
            ? `Find what keeps ${service} busy, by its slowest traces or a profile.`
            : '',
  };
}

function deviationWeight({ signal, direction }: Deviation): number {
  if (signal === 'request_rate') return direction === 'above' ? WEIGHTS.moreTraffic : WEIGHTS.lessTraffic;
  return isResource({ signal }) ? WEIGHTS.resources : WEIGHTS.answers;
}

/** What a service takes of its machine; nobody it calls can be to blame for that. */
export function isResource({ signal }: Pick<Deviation, 'signal'>): boolean {
  return signal === 'cpu_percent' || signal === 'memory_mb' || signal === 'event_loop_lag';
}

/** At most three of each kind that differ, the weightiest. */
export function withoutMany(evidence: readonly Evidence[]): Evidence[] {
  const kept = new Map<string, number>();
  return evidence
    .toSorted((a, b) => b.weight - a.weight || (a.at ?? 0) - (b.at ?? 0))
    .filter(({ kind }) => {
      const many = kept.get(kind) ?? 0;
      kept.set(kind, many + 1);
      return many < MOST_OF_A_KIND;
    });
}
