import { formatValue, quote } from '@pharos/promql';
import { passesFilters } from '../api/filters.ts';
import type { ReceivedAlert } from '../api/query.ts';
import type { LabelSet } from '../labels/label-set.ts';
import { LOUDNESS, type Loudness, loudnessOf, severityRank } from '../labels/severity.ts';
import type { AlertMatcher } from '../matchers/matcher.ts';
import type { PagedAlerts } from './paged-alerts.ts';
import type { RuleAlert } from './rule-alerts.ts';

/** What a reader wants to know first: does it page, will it, or what keeps it quiet. */
export const SHOWN_STATES = ['firing', 'pending', 'silenced', 'inhibited', 'folded', 'muted'] as const;
export type ShownState = (typeof SHOWN_STATES)[number];

/** One alert as rules know it and as it is routed. */
export interface ShownAlert {
  readonly fingerprint: string;
  readonly state: ShownState;
  readonly labels: LabelSet;
  readonly annotations: ReadonlyMap<string, string>;
  /** Epoch ms: since when it is pending, or fires. */
  readonly since: number;
  /** Epoch ms: when its sender heard of it last; null of one that is pending. */
  readonly updatedAt: number | null;
  readonly generatorUrl: string;
  /** Names of those it goes to, or will when it fires. */
  readonly receivers: readonly string[];
  readonly received: ReceivedAlert | null;
  readonly own: RuleAlert | null;
}

/**
 * Alerts of Pharos' own rules and those that were received, each once. One of a rule that fires and was not received yet fires all the
 * same: it is on its way.
 */
export function shownAlerts(
  own: readonly RuleAlert[],
  received: readonly ReceivedAlert[],
  receiversOf: (labels: LabelSet) => readonly string[],
): readonly ShownAlert[] {
  const byFingerprint = new Map(own.map((alert) => [alert.fingerprint, alert]));
  const shown = received.flatMap((one) => {
    const mine = byFingerprint.get(one.alert.fingerprint);
    // It ended a moment ago and is about to fire again.
    if (mine?.state === 'pending') return [];
    byFingerprint.delete(one.alert.fingerprint);
    return [shownReceived(one, mine ?? null)];
  });
  const others = [...byFingerprint.values()];
  return [...shown, ...others.map((alert) => shownOwn(alert, receiversOf(alert.labels)))];
}

function shownReceived(received: ReceivedAlert, own: RuleAlert | null): ShownAlert {
  const { alert } = received;
  const { fingerprint, labels, annotations, startsAt, updatedAt, generatorUrl } = alert;
  return {
    fingerprint,
    state: stateOf(received),
    labels,
    annotations,
    since: startsAt,
    updatedAt,
    generatorUrl,
    receivers: received.receivers,
    received,
    own,
  };
}

function shownOwn(own: RuleAlert, receivers: readonly string[]): ShownAlert {
  const { fingerprint, labels, annotations, state, activeAt, firedAt } = own;
  const since = state === 'firing' ? (firedAt ?? activeAt) : activeAt;
  const told = { updatedAt: null, generatorUrl: '', received: null };
  return { fingerprint, state, labels, annotations, since, receivers, ...told, own };
}

/** What somebody did comes before what follows from rules. */
export function stateOf({ standing, folded }: Pick<ReceivedAlert, 'standing' | 'folded'>): ShownState {
  const { silencedBy, inhibitedBy, mutedBy } = standing;
  if (silencedBy.length > 0) return 'silenced';
  if (inhibitedBy.length > 0) return 'inhibited';
  if (mutedBy.length > 0) return 'muted';
  return folded === null ? 'firing' : 'folded';
}

/** How many there are of each state, and how loud the loudest is that fires; null while none does. */
export type ShownCounts = Record<ShownState, number> & { loudest: Loudness | null };

/** Before any is counted. */
export function noneShown(): ShownCounts {
  return { firing: 0, pending: 0, silenced: 0, inhibited: 0, folded: 0, muted: 0, loudest: null };
}

export function countShown(counts: ShownCounts, state: ShownState, labels: LabelSet): void {
  counts[state]++;
  if (state !== 'firing') return;
  const loud = loudnessOf(labels);
  if (counts.loudest === null || LOUDNESS.indexOf(loud) < LOUDNESS.indexOf(counts.loudest))
    counts.loudest = loud;
}

export interface ShownQuestion {
  readonly filters: readonly AlertMatcher[];
  /** Empty for all. */
  readonly states: readonly ShownState[];
  readonly isReceiver: (name: string) => boolean;
  readonly limit: number;
}

export interface ShownPage {
  /** Of all that the filters keep, whatever their state. */
  readonly counts: Readonly<ShownCounts>;
  readonly total: number;
  /** The first of them: what pages before what does not, by severity, the newest first. */
  readonly alerts: readonly ShownAlert[];
}

/** The alerts that are asked for. */
export function shownPage(all: readonly ShownAlert[], question: ShownQuestion): ShownPage {
  const counts = noneShown();
  const wanted = all.filter((alert) => {
    if (!passesFilters(alert.labels, question.filters) || !alert.receivers.some(question.isReceiver))
      return false;
    countShown(counts, alert.state, alert.labels);
    return question.states.length === 0 || question.states.includes(alert.state);
  });
  wanted.sort(mostUrgentFirst);
  return { counts, total: wanted.length, alerts: wanted.slice(0, question.limit) };
}

function mostUrgentFirst(a: ShownAlert, b: ShownAlert): number {
  return (
    SHOWN_STATES.indexOf(a.state) - SHOWN_STATES.indexOf(b.state) ||
    severityRank(a.labels) - severityRank(b.labels) ||
    b.since - a.since ||
    (a.fingerprint < b.fingerprint ? -1 : 1)
  );
}

/** As the API says it. */
export function shownAlertJson({ received, own, ...alert }: ShownAlert, paged: PagedAlerts) {
  return {
    fingerprint: alert.fingerprint,
    state: alert.state,
    labels: Object.fromEntries(alert.labels),
    annotations: Object.fromEntries(alert.annotations),
    since: alert.since,
    active_at: own?.activeAt ?? null,
    updated_at: alert.updatedAt,
    value: own === null ? null : formatValue(own.value),
    rule: own?.rule ?? null,
    generator_url: alert.generatorUrl,
    receivers: [...new Set(alert.receivers)],
    silenced_by: [...(received?.standing.silencedBy ?? [])],
    inhibited_by: [...(received?.standing.inhibitedBy ?? [])],
    muted_by: [...(received?.standing.mutedBy ?? [])],
    folded_into: [...(received?.folded?.into ?? [])],
    folded_because: received?.folded?.reason ?? '',
    paged: [...(paged.get(alert.fingerprint) ?? [])],
  };
}

/** PromQL: the series that says when an alert of a rule was pending and fired. */
export function historyQuery({ own }: RuleAlert): string {
  const matchers = [...own.toMap()].map(([name, value]) => `${labelName(name)}=${quote(value)}`);
  return `ALERTS{${matchers.join(',')}}`;
}

function labelName(name: string): string {
  return /^[a-zA-Z_]\w*$/.test(name) ? name : quote(name);
}
