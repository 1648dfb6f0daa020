import { Labels } from '@pharos/promql';
import type { AlertingRule } from './definition.ts';
import { sourceLink } from './source-link.ts';
import type { Alert, SeenAlert } from './state/alert.ts';
import { ALERT_NAME } from './state/alert-labels.ts';
import type { GroupState } from './state/rule-state.ts';
import type { OutgoingAlert } from './state/sending.ts';

/** An alert as those know it who were told of it, and who take it for firing until it ends. */
export type ToldAlert = Omit<OutgoingAlert, 'isResolved'>;

/** By the rule's name. */
export type ToldAlerts = ReadonlyMap<string, readonly ToldAlert[]>;

/** Those that fire at a time (epoch ms). */
export function toldFiring(told: readonly ToldAlert[], now: number): ToldAlerts {
  const byName = new Map<string, ToldAlert[]>();
  for (const one of told) {
    const name = one.labels.get(ALERT_NAME);
    if (name === undefined || one.endsAt <= now) continue;
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [one]);
    else same.push(one);
  }
  return byName;
}

/**
 * Gives rules that have not been evaluated yet the alerts that an earlier process told of: they go on firing where the first answer shows
 * them, are told of as long as there is no answer, and run out as they were told where an answer does not show them.
 */
export function takeOver(state: GroupState, told: ToldAlerts): void {
  if (told.size === 0) return;
  for (const one of state.rules) {
    const { rule } = one;
    if (rule.kind !== 'alerting') continue;
    const own = (told.get(rule.name) ?? []).filter((alert) => isOf(alert, rule));
    one.alerts = new Map(
      own.map((alert) => takenOver(alert, rule)).map((alert) => [alert.labels.key, alert]),
    );
  }
}

/** Rules may share a name: what they ask tells them apart, and the labels that are the same for all of their alerts. */
function isOf({ labels, generatorUrl }: ToldAlert, rule: AlertingRule): boolean {
  if (!generatorUrl.endsWith(sourceLink(rule))) return false;
  return [...rule.labelTemplates].every(
    ([name, { isConstant, text }]) => !isConstant || name === ALERT_NAME || (labels.get(name) ?? '') === text,
  );
}

/** It fired once its condition had held for `for`. */
function takenOver({ labels, annotations, startsAt, endsAt }: ToldAlert, { forMs }: AlertingRule): Alert {
  return {
    state: 'firing',
    labels: Labels.fromMap(new Map(labels)),
    annotations,
    value: Number.NaN,
    activeAt: startsAt - forMs,
    firedAt: startsAt,
    resolvedAt: null,
    lastSentAt: null,
    validUntil: endsAt,
    keepFiringSince: null,
    isTakenOver: true,
  };
}

/** The alerts of a rule, where those taken over that are seen have their own labels: which external ones are theirs too was not known. */
export function recognised(
  alerts: ReadonlyMap<string, Alert>,
  seen: readonly SeenAlert[],
  externalLabels: ReadonlyMap<string, string>,
): ReadonlyMap<string, Alert> {
  if (externalLabels.size === 0 || ![...alerts.values()].some(({ isTakenOver }) => isTakenOver))
    return alerts;
  const next = new Map(alerts);
  for (const { labels } of seen) {
    const { key } = Labels.fromMap(new Map([...externalLabels, ...labels.toMap()]));
    const known = next.get(key);
    if (known?.isTakenOver !== true || next.has(labels.key)) continue;
    next.delete(key);
    next.set(labels.key, { ...known, labels });
  }
  return next;
}
