import type { ServiceTransition } from './monitor.ts';
import { type Status, worse } from './status.ts';

/** A stretch of time in which one service was degraded or unhealthy. */
interface Episode {
  readonly service: string;
  readonly from: number;
  /** Null while it lasts. */
  readonly to: number | null;
  readonly worst: Status;
  /** Why it began, in the words of then. */
  readonly reason: string;
}

/** Episodes of several services that belong together in time, as one thing that happened. */
export interface Incident {
  readonly from: number;
  readonly to: number | null;
  readonly worst: Status;
  /** The first to go down first. */
  readonly services: readonly Episode[];
}

/** Episodes no further apart than this are one incident: a failure wanders from service to service within seconds. */
const TOGETHER_MS = 60_000;

/**
 * The incidents that changes of state tell of, newest first.
 * @param transitions of all services, oldest first
 */
export function incidentsOf(
  transitions: readonly Pick<ServiceTransition, 'service' | 'at' | 'from' | 'to' | 'reason'>[],
): Incident[] {
  const incidents: Episode[][] = [];
  let end = -Infinity;
  for (const episode of episodesOf(transitions)) {
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
function episodesOf(
  transitions: readonly Pick<ServiceTransition, 'service' | 'at' | 'to' | 'reason'>[],
): Episode[] {
  const open = new Map<string, { -readonly [Key in keyof Episode]: Episode[Key] }>();
  const episodes: Episode[] = [];
  for (const { service, at, to, reason } of transitions) {
    const episode = open.get(service);
    if (episode === undefined) {
      if (!isUnwell(to)) continue;
      const begun = { service, from: at, to: null, worst: to, reason };
      open.set(service, begun);
      episodes.push(begun);
    } else if (isUnwell(to)) episode.worst = worse(episode.worst, to);
    else {
      episode.to = at;
      open.delete(service);
    }
  }
  return episodes;
}
