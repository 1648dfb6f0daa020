import { type Histogram, Labels, METRIC_NAME } from '@pharos/promql';
import { type Sliced, visitSliced } from '../../../kernel/sliced.ts';
import type { RecordingRule } from '../definition.ts';
import { type Alert, type AlertTimes, advance, isActive, type SeenAlert } from './alert.ts';

/** One element of the answer to a rule's query. */
export interface RuleSample {
  readonly labels: Labels;
  readonly value: number;
  /** `value` then means nothing. */
  readonly histogram?: Histogram | undefined;
}

/** A failure leaves what is known of the alerts as `alerts` says. */
export type AlertingOutcome =
  | {
      readonly ok: true;
      readonly alerts: ReadonlyMap<string, Alert>;
      readonly samples: readonly RuleSample[];
    }
  | { readonly ok: false; readonly alerts: ReadonlyMap<string, Alert>; readonly reason: string };

export type RecordingOutcome =
  | { readonly ok: true; readonly samples: readonly RuleSample[] }
  | { readonly ok: false; readonly reason: string };

export interface AlertingInput {
  /** By {@link Labels.key}. */
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly seen: readonly SeenAlert[];
  readonly times: AlertTimes;
  /** Of the evaluation, ms since the Unix epoch. */
  readonly at: number;
  readonly limit: number;
  /** Whether the state of an earlier process was taken over: before that, nothing is written over it. */
  readonly restored: boolean;
}

const ALERTS = 'ALERTS';
export const ALERTS_FOR_STATE = 'ALERTS_FOR_STATE';

/** What an evaluation makes of all alerts of a rule, and the series that tell of it. */
export function* evaluateAlerts(input: AlertingInput): Sliced<AlertingOutcome> {
  const { alerts, seen, times, at, limit, restored } = input;
  const now = new Map<string, SeenAlert>();
  yield* visitSliced(seen, (one) => void now.set(one.labels.key, one));
  if (now.size < seen.length)
    return {
      ok: false,
      alerts,
      reason: 'vector contains metrics with the same labelset after applying alert labels',
    };
  const next = new Map<string, Alert>();
  yield* visitSliced(new Set([...alerts.keys(), ...now.keys()]), (key) => {
    const alert = advance(alerts.get(key), now.get(key), times, at);
    if (alert !== undefined) next.set(key, alert);
  });
  // What was taken over and is not seen is written by nobody.
  const active = [...next.values()].filter((alert) => isActive(alert) && !alert.isTakenOver);
  if (limit > 0 && active.length > limit)
    return {
      ok: false,
      alerts: new Map(),
      reason: `exceeded limit of ${limit} with ${active.length} alerts`,
    };
  const samples: RuleSample[] = [];
  if (restored) yield* visitSliced(active, (alert) => void samples.push(...seriesOf(alert)));
  return { ok: true, alerts: next, samples };
}

function seriesOf({ labels, state, activeAt }: Alert): readonly RuleSample[] {
  const own = labels.toMap();
  own.set(METRIC_NAME, ALERTS_FOR_STATE);
  const forState = Labels.fromMap(own);
  own.set(METRIC_NAME, ALERTS);
  own.set('alertstate', state);
  return [
    { labels: Labels.fromMap(own), value: 1 },
    { labels: forState, value: Math.floor(activeAt / 1000) },
  ];
}

/** The series a recording rule makes of the answer to its query. */
export function* recordedSamples(
  rule: Pick<RecordingRule, 'name' | 'labels'>,
  answer: readonly RuleSample[],
  limit: number,
): Sliced<RecordingOutcome> {
  const keys = new Set<string>();
  const samples: RuleSample[] = [];
  yield* visitSliced(answer, (sample) => {
    const own = sample.labels.toMap();
    own.set(METRIC_NAME, rule.name);
    for (const [name, value] of rule.labels) own.set(name, value);
    const labels = Labels.fromMap(own);
    keys.add(labels.key);
    samples.push({ ...sample, labels });
  });
  if (keys.size < samples.length)
    return { ok: false, reason: 'vector contains metrics with the same labelset after applying rule labels' };
  if (limit > 0 && samples.length > limit)
    return { ok: false, reason: `exceeded limit of ${limit} with ${samples.length} series` };
  return { ok: true, samples };
}
