import type { ServiceTransition } from './monitor.ts';
import { type Status, worse } from './status.ts';

/** What was known of a service at one moment of its trouble. */
interface Step {
  readonly at: number;
  readonly status: Status;
  /** In the words of then. */
  readonly reason: string;
  /** The services it suffered from. */
  readonly causedBy: readonly string[];
}

/** A stretch of time in which one service was degraded or unhealthy. */
interface Episode {
  readonly service: string;
  readonly from: number;
  /** Null while it lasts. */
  readonly to: number | null;
  readonly worst: Status;
  /** Why it began, in the words of then. */
  readonly reason: string;
  /** The services it suffered from at any time of it. */
  readonly causedBy: readonly string[];
  /** How its state and its reasons changed, its end included; the oldest first. */
  readonly steps: readonly Step[];
}

/** Episodes of several services that belong together in time, as one thing that happened. */
export interface Incident {
  readonly from: number;
  readonly to: number | null;
  readonly worst: Status;
  /** The first to go down first. */
  readonly services: readonly Episode[];
}

type Told = Pick<ServiceTransition, 'service' | 'at' | 'from' | 'to' | 'reason' | 'causedBy'>;

/** Episodes no further apart than this are one incident: a failure wanders from service to service within seconds. */
const TOGETHER_MS = 60_000;
/** Of one episode: its beginning and what came last are kept. */
const MOST_STEPS = 100;

/**
 * The incidents that changes of state, and of their explanations, tell of, newest first.
 * @param told of all services, oldest first
 */
export function incidentsOf(told: readonly Told[]): Incident[] {
  const incidents: Episode[][] = [];
  let end = -Infinity;
  for (const episode of episodesOf(told)) {
    const last = incidents.at(-1);
    if (last !== undefined && episode.from <= end + TOGETHER_MS) last.push(episode);
    else incidents.push([episode]);
    end = Math.max(last !== undefined && incidents.at(-1) === last ? end : -Infinity, episode.to ?? Infinity);
  }
  return incidents.map(incidentOf).reverse();
}

function incidentOf(services: readonly Episode[]): Incident {
  const ends = services.map(({ to }) => to);
  return {
    from: Math.min(...services.map(({ from }) => from)),
    to: ends.some((to) => to === null) ? null : Math.max(...ends.map((to) => to ?? 0)),
    worst: services.reduce<Status>((worst, one) => worse(worst, one.worst), 'unknown'),
    services,
  };
}

function isUnwell(status: Status): boolean {
  return status === 'degraded' || status === 'unhealthy';
}

/** In the order in which they began. What was unwell before the first change that is known began unseen, and is left out. */
function episodesOf(told: readonly Told[]): Episode[] {
  const open = new Map<string, { -readonly [Key in keyof Episode]: Episode[Key] } & { steps: Step[] }>();
  const episodes: Episode[] = [];
  for (const { service, at, from, to, reason, causedBy } of told) {
    const step = { at, status: to, reason, causedBy };
    const episode = open.get(service);
    if (episode === undefined) {
      // A new explanation of a state whose beginning is not known.
      if (!isUnwell(to) || from === to) continue;
      const begun = { service, from: at, to: null, worst: to, reason, causedBy, steps: [step] };
      open.set(service, begun);
      episodes.push(begun);
      continue;
    }
    episode.steps.push(step);
    if (episode.steps.length > MOST_STEPS) episode.steps.splice(1, 1);
    if (isUnwell(to)) {
      episode.worst = worse(episode.worst, to);
      episode.causedBy = [...new Set([...episode.causedBy, ...causedBy])];
    } else {
      episode.to = at;
      open.delete(service);
    }
  }
  return episodes;
}
