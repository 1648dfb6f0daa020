import type { Status } from '../../../api/contracts.ts';
import type { IncidentSummary, Member } from './contracts.ts';

const URGENCY: readonly Status[] = ['unhealthy', 'degraded', 'unknown'];

/** How bad it is, as every list shows it: red is for what needs a person now. */
export function lookOf({
  state,
  severity,
  firing,
}: Pick<IncidentSummary, 'state' | 'severity' | 'firing'>): Status {
  if (state !== 'open') return 'healthy';
  if (firing === 0) return 'unknown';
  return severity === 'critical' || severity === 'high' ? 'unhealthy' : 'degraded';
}

/** One alert of it, as those that are open or over look. */
export function lookOfAlert(severity: Member['severity'], isOver: boolean): Status {
  return lookOf({ state: isOver ? 'resolved' : 'open', severity, firing: 1 });
}

/** Those that are open first, of them those that need a person now; each as they came. */
export function urgentFirst<One extends Pick<IncidentSummary, 'state' | 'severity' | 'firing'>>(
  incidents: readonly One[],
): readonly One[] {
  const rank = (one: One): number => (one.state === 'open' ? URGENCY.indexOf(lookOf(one)) : URGENCY.length);
  return incidents.toSorted((a, b) => rank(a) - rank(b));
}

/** "3 of 5 alerts fire", "all 2 alerts have ended" */
export function alertWords({ alerts, firing }: Pick<IncidentSummary, 'alerts' | 'firing'>): string {
  const many = alerts === 1 ? '1 alert' : `${alerts} alerts`;
  if (alerts === 0) return 'no alerts';
  if (firing === 0) return alerts === 1 ? '1 alert, ended' : `${many}, all ended`;
  return firing === alerts ? `${many}, firing` : `${many}, ${firing} firing`;
}

/** Where it stands, in words. */
export function stateWords(
  one: Pick<IncidentSummary, 'state' | 'ended_by' | 'merged_into' | 'firing'>,
): string {
  if (one.state === 'merged') return `merged into #${one.merged_into ?? '?'}`;
  if (one.state === 'resolved')
    return one.ended_by === '' ? 'resolved: all of its alerts had ended' : `resolved by ${one.ended_by}`;
  return one.firing === 0 ? 'open: quiet, about to be resolved' : 'open';
}

/** Why an alert belongs to its incident, in one line. */
export function whyWords({ why }: Pick<Member, 'why'>): string {
  return why.reasons.map(({ text }) => text).join('; ');
}

export function alertNameOf({ labels }: Pick<Member, 'labels'>): string {
  return labels['alertname'] ?? 'an alert without a name';
}

/** The name of an alert and what it is about. */
export function nameOf(member: Pick<Member, 'labels' | 'about'>): string {
  const name = alertNameOf(member);
  return member.about === '' ? name : `${name} of ${member.about}`;
}

/** Kinds of a timeline that a reader may look at alone. */
export const FILTERS = {
  all: null,
  'what changed': ['deviation', 'deployment', 'breaker', 'health', 'error'],
  alerts: ['alert'],
  people: ['notification', 'acknowledgement', 'incident', 'note'],
} as const satisfies Record<string, readonly string[] | null>;
export type Filter = keyof typeof FILTERS;

export function filterOf(word: string): Filter {
  return word === 'what changed' || word === 'alerts' || word === 'people' ? word : 'all';
}

export function isShown(kind: string, filter: Filter): boolean {
  const kinds: readonly string[] | null = FILTERS[filter];
  return kinds === null || kinds.includes(kind);
}
