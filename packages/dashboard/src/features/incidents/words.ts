import type { Status } from '../../api/contracts.ts';
import type { Segment } from '../../ui/history-strip.tsx';
import type { Episode, Incident } from './contracts.ts';

/** One line of an incident's story. */
export interface StoryLine {
  readonly at: number;
  readonly service: string;
  readonly status: Status;
  /** What happened: it became unwell, got worse or better, its reasons changed, or it recovered. */
  readonly what: string;
  readonly reason: string;
  readonly causedBy: readonly string[];
}

const MOST_NAMED = 3;

function listOf(names: readonly string[]): string {
  if (names.length > MOST_NAMED) return `${names.length} services`;
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

/** Where the trouble was, and who suffered from it; the first to go down first. */
export function partsOf({ services }: Pick<Incident, 'services'>): {
  readonly origins: readonly string[];
  readonly sufferers: readonly string[];
} {
  const names = new Set(services.map(({ service }) => service));
  const suffered = (name: string): boolean =>
    services.some(
      ({ service, caused_by: causes }) => service === name && causes.some((one) => names.has(one)),
    );
  const all = unique(services.map(({ service }) => service));
  const origins = all.filter((name) => !suffered(name));
  // Where everybody suffers from somebody else, nobody is left to blame.
  return origins.length === 0
    ? { origins: all, sufferers: [] }
    : { origins, sufferers: all.filter(suffered) };
}

/** "user was unhealthy; order and gateway suffered from it"; while it lasts, of those that are not well now. */
export function titleOf(incident: Incident): string {
  const lasts = incident.to === null;
  const services = lasts ? incident.services.filter(({ to }) => to === null) : incident.services;
  const { origins, sufferers } = partsOf({ services });
  const own = services.filter(({ service }) => origins.includes(service));
  const worst = own.some((one) => one.worst === 'unhealthy') ? 'unhealthy' : 'degraded';
  const be = lasts ? (origins.length === 1 ? 'is' : 'are') : origins.length === 1 ? 'was' : 'were';
  const suffer = lasts ? (sufferers.length === 1 ? 'suffers' : 'suffer') : 'suffered';
  const rest = sufferers.length === 0 ? '' : `; ${listOf(sufferers)} ${suffer} from it`;
  return `${listOf(origins)} ${be} ${worst}${rest}`;
}

/** The lines that change something: another state, or other services to blame; the rest says the same in other words. */
export function turnsOf(story: readonly StoryLine[]): StoryLine[] {
  const last = new Map<string, string>();
  return story.filter(({ service, status, causedBy }) => {
    const turn = `${status} ${causedBy.join(' ')}`;
    const before = last.get(service);
    last.set(service, turn);
    return before !== turn;
  });
}

/** Everything that was said during an incident, in the order of time. */
export function storyOf({ services }: Pick<Incident, 'services'>): StoryLine[] {
  return services.flatMap(linesOf).sort((a, b) => a.at - b.at);
}

function linesOf({ service, steps }: Episode): StoryLine[] {
  return steps.map((step, i) => ({
    at: step.at,
    service,
    status: step.status,
    what: whatOf(step.status, steps[i - 1]?.status),
    reason: step.status === 'healthy' ? '' : step.reason,
    causedBy: step.caused_by,
  }));
}

function whatOf(status: Status, before: Status | undefined): string {
  if (status === 'healthy') return 'recovered';
  if (status === 'unknown') return 'is not known any more';
  if (before === undefined) return `became ${status}`;
  if (before === status) return `is ${status} for other reasons`;
  return status === 'unhealthy' ? 'got worse: unhealthy' : 'got better: degraded';
}

/** How long a service was not well within its segments, ms. */
export function troubleOf(segments: readonly Segment[]): number {
  return segments
    .filter(({ status }) => status === 'degraded' || status === 'unhealthy')
    .reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Incidents in which a service had a part. */
export function partIn(incidents: readonly Incident[], name: string): number {
  return incidents.filter(({ services }) => services.some(({ service }) => service === name)).length;
}
