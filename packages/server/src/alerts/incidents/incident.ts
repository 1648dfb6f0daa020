import { thingOf } from '../labels/alert-title.ts';
import type { LabelSet } from '../labels/label-set.ts';

/** How bad an incident is, the worst first. */
export const SEVERITIES = ['critical', 'high', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What ties an alert to its incident. */
export const LINKS = [
  'first',
  'time',
  'topology',
  'labels',
  'traces',
  'inhibition',
  'person',
  'crowd',
] as const;

/** One reason why an alert belongs to an incident. */
export interface Reason {
  readonly link: (typeof LINKS)[number];
  /** In words for people. */
  readonly text: string;
  readonly points: number;
}

/** Why an alert belongs to an incident, as of when it joined. */
export interface Why {
  /** The alert of the incident that it was tied to; empty for the first. */
  readonly to: string;
  readonly reasons: readonly Reason[];
  readonly score: number;
}

/** An alert as an incident sees it. Times in epoch ms. */
export interface Sighting {
  readonly fingerprint: string;
  readonly labels: LabelSet;
  /** What it says of itself, for people. */
  readonly summary: string;
  readonly severity: Severity;
  /** The service that it is about and others that it names; canonical, the first counts most. */
  readonly services: readonly string[];
  /** Ids of traces that it names. */
  readonly traces: readonly string[];
  /** As its sender says, whose clock may be ahead of ours. */
  readonly startsAt: number;
  /** Since when its condition held, which is before it fired; never in the future. */
  readonly signAt: number;
}

/** An alert of an incident. Each alert that fires belongs to one incident alone. */
export interface Member extends Sighting {
  /** When it fired last, as its sender says. */
  readonly lastBeganAt: number;
  /** Null while it fires. */
  readonly endedAt: number | null;
  /** How often it fired within the incident. */
  readonly times: number;
  readonly joinedAt: number;
  readonly why: Why;
  /** The incidents that it came from by merges, the last one first, `7,3`; empty for none. */
  readonly from: string;
}

/** An alert that both of two incidents had when they became one: each had an account of its own of it. */
export interface Shared {
  /** Of the incident that went. */
  readonly own: Member;
  /** Of the one that took it. */
  readonly other: Member;
}

/** The incident that an alert came from by the last merge; empty for none. */
export function cameFrom({ from }: Pick<Member, 'from'>): string {
  return from.split(',', 1)[0] ?? '';
}

export type Phase =
  | { readonly kind: 'open' }
  /** Empty `by`: all of its alerts had ended. */
  | { readonly kind: 'resolved'; readonly at: number; readonly by: string }
  /** Its alerts are part of another one. */
  | { readonly kind: 'merged'; readonly at: number; readonly by: string; readonly into: string };

export const INCIDENT_EVENTS = [
  'opened',
  /** An alert became part of it. */
  'joined',
  /** An alert of it fired again. */
  'again',
  /** An alert of it ended. */
  'ended',
  'merged',
  'split',
  'assigned',
  'severity',
  'title',
  'resolved',
  'reopened',
] as const;

/** Something that happened to an incident. */
export interface IncidentEvent {
  /** Epoch ms. */
  readonly at: number;
  readonly what: (typeof INCIDENT_EVENTS)[number];
  /** Who did it; empty for Pharos itself. */
  readonly by: string;
  readonly text: string;
  /** The alert that it is about; empty for none. */
  readonly alert: string;
}

export interface Note {
  readonly at: number;
  readonly by: string;
  readonly text: string;
}

/** Alerts that belong together, as one thing that happened. */
export interface Incident {
  /** A number that rises, as people say it: `42`. */
  readonly id: string;
  /** As somebody named it; null while it follows from its alerts. */
  readonly givenTitle: string | null;
  /** As somebody judged it; null while it follows from its alerts. */
  readonly givenSeverity: Severity | null;
  /** Empty for nobody. */
  readonly assignee: string;
  /** Epoch ms. */
  readonly openedAt: number;
  readonly phase: Phase;
  /** In the order in which they joined; at most as many as size.ts allows, as of what follows. */
  readonly members: readonly Member[];
  /** Oldest first. */
  readonly events: readonly IncidentEvent[];
  /** Oldest first. */
  readonly notes: readonly Note[];
  /** Incidents that it was split from: what people took apart is not merged again by itself. */
  readonly apart: readonly string[];
  /** Of one that was merged: what the other had of its alerts, too, so that it can be undone. */
  readonly shared: readonly Shared[];
}

/** Words of alerts as far as they are kept here; alerts have them whole. */
const MOST_TEXT = 500;
const MOST_LABELS = 64;

export function isFiring({ endedAt }: Pick<Member, 'endedAt'>): boolean {
  return endedAt === null;
}

/** When its last alert ended; null while one fires. What is only told for information holds nothing open. */
export function quietSince({ members }: Pick<Incident, 'members'>): number | null {
  const urgent = members.filter(({ severity }) => severity !== 'info');
  let last = 0;
  for (const { endedAt } of urgent.length > 0 ? urgent : members) {
    if (endedAt === null) return null;
    last = Math.max(last, endedAt);
  }
  return last;
}

/** The first sign of it. */
export function startOf({ members, openedAt }: Pick<Incident, 'members' | 'openedAt'>): number {
  return members.reduce((first, { signAt }) => Math.min(first, signAt), openedAt);
}

/** When it was over; null while it is not. */
export function endOf({ phase }: Pick<Incident, 'phase'>): number | null {
  return phase.kind === 'open' ? null : phase.at;
}

/** What somebody said, else the worst that its alerts ever were. */
export function severityOf({ givenSeverity, members }: Incident): Severity {
  if (givenSeverity !== null) return givenSeverity;
  return SEVERITIES.find((one) => members.some(({ severity }) => severity === one)) ?? 'info';
}

/** The services that its alerts are about, in the order in which they were hit; each once. */
export function servicesOf({ members }: Pick<Incident, 'members'>): readonly string[] {
  const own = members.flatMap(({ services }) => services.slice(0, 1));
  return [...new Set(own)];
}

/** The service, else the thing, that an alert is about; undefined where it names none. */
export function aboutOf({ labels, services }: Pick<Sighting, 'labels' | 'services'>): string | undefined {
  return services[0] ?? thingOf(labels);
}

/** The name of an alert, with what it is about. */
export function nameOf(sighting: Pick<Sighting, 'labels' | 'services'>): string {
  const name = sighting.labels.get('alertname') ?? 'an alert without a name';
  const about = aboutOf(sighting);
  return about === undefined ? name : `${name} of ${about}`;
}

/**
 * `HighErrorRate of order and 3 more alerts, also gateway and user`, unless somebody named it; one alert of each service under one
 * name is not counted: `HighErrorRate of order, also gateway and user`.
 */
export function titleOf(incident: Incident): string {
  if (incident.givenTitle !== null) return incident.givenTitle;
  const worst = severityOf({ ...incident, givenSeverity: null });
  const lead = incident.members.find(({ severity }) => severity === worst) ?? incident.members[0];
  if (lead === undefined) return 'no alerts';
  const more = incident.members.length - 1;
  const others = servicesOf(incident).filter((name) => name !== lead.services[0]);
  const named = others.length > 2 ? [`${others.length} more services`] : others;
  const alike = incident.members.every(
    ({ labels }) => labels.get('alertname') === lead.labels.get('alertname'),
  );
  const counted = more > 0 && !(alike && more === others.length);
  return [
    nameOf(lead),
    ...(counted ? [` and ${more} more ${more === 1 ? 'alert' : 'alerts'}`] : []),
    ...(named.length > 0 ? [`, also ${named.join(' and ')}`] : []),
  ].join('');
}

/** A sighting as far as it is kept. */
export function bounded(sighting: Sighting): Sighting {
  const { labels, summary, services, traces } = sighting;
  const isLong = labels.size > MOST_LABELS || [...labels].flat().some((text) => text.length > MOST_TEXT);
  const kept = [...labels].filter(([name]) => name.length <= MOST_TEXT).slice(0, MOST_LABELS);
  return {
    ...sighting,
    labels: isLong ? new Map(kept.map(([name, value]) => [name, value.slice(0, MOST_TEXT)])) : labels,
    summary: summary.slice(0, MOST_TEXT),
    services: services.slice(0, 4).map((name) => name.slice(0, MOST_TEXT)),
    traces: traces.slice(0, 8).map((id) => id.slice(0, 64)),
  };
}
