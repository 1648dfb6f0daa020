import { labelSet } from '../labels/label-set.ts';
import { type Alert, alertOf } from './alert.ts';

/** An alert as it stands in a request. Times in epoch ms; null where there is none, or Go's zero time. */
export interface PostedAlert {
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly startsAt: number | null;
  readonly endsAt: number | null;
  readonly generatorUrl: string;
}

export interface Accepted {
  readonly alerts: readonly Alert[];
  /** Why each of the others was not taken, in Alertmanager's words. */
  readonly refusals: readonly string[];
}

/** Takes what is well-formed; one bad alert does not keep the others out. */
export function acceptAlerts(
  posted: readonly PostedAlert[],
  now: number,
  resolveTimeoutMs: number,
): Accepted {
  const alerts: Alert[] = [];
  const refusals: string[] = [];
  for (const one of posted) {
    const alert = alertOf({
      labels: labelSet([...one.labels].filter(([, value]) => value !== '')),
      annotations: labelSet(one.annotations),
      startsAt: one.startsAt ?? one.endsAt ?? now,
      endsAt: one.endsAt ?? now + resolveTimeoutMs,
      updatedAt: now,
      isTimeout: one.endsAt === null,
      generatorUrl: one.generatorUrl,
    });
    const refusal = refusalOf(alert);
    if (refusal === null) alerts.push(alert);
    else refusals.push(refusal);
  }
  return { alerts, refusals };
}

/** Of names and values, however they are written at most six bytes each: an alert must fit into the state. */
const MOST_CHARS = 150_000;

function refusalOf({ labels, annotations, startsAt, endsAt, generatorUrl }: Alert): string | null {
  if (endsAt < startsAt) return 'start time must be before end time';
  if (labels.size === 0) return 'at least one label pair required';
  if (labels.has('')) return 'invalid label set: invalid name ""';
  if (annotations.has('')) return 'invalid annotations: invalid name ""';
  const chars = charsOf(labels) + charsOf(annotations) + generatorUrl.length;
  if (chars > MOST_CHARS) return `an alert of ${chars} characters, at most ${MOST_CHARS} are taken`;
  return null;
}

function charsOf(texts: Alert['labels']): number {
  let chars = 0;
  for (const [name, text] of texts) chars += name.length + text.length;
  return chars;
}
