import { atOnce, type Sliced, sortSliced } from '../../kernel/sliced.ts';
import { fingerprintOf } from '../labels/fingerprint.ts';
import { compareAlertLabels, type LabelSet } from '../labels/label-set.ts';

/** An alert as somebody sent it. Times in epoch ms. */
export interface Alert {
  /** No value is empty, and there is at least one. */
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAt: number;
  /** When it ended or, unless somebody says before that it still fires, will have. */
  readonly endsAt: number;
  /** When we last heard of it. */
  readonly updatedAt: number;
  /** The sender named no end: it follows from `resolve_timeout`. */
  readonly isTimeout: boolean;
  readonly generatorUrl: string;
  /** Stands for the labels. */
  readonly fingerprint: string;
}

/** An alert as a notification tells of it: whether it ended was decided when its group was flushed, and stays so. */
export interface FlushedAlert extends Alert {
  readonly isResolved: boolean;
}

export function isResolvedAt({ endsAt }: Pick<Alert, 'endsAt'>, now: number): boolean {
  return endsAt <= now;
}

export function alertOf(fields: Omit<Alert, 'fingerprint'>): Alert {
  return { ...fields, fingerprint: fingerprintOf(fields.labels) };
}

/** Alertmanager's order within a message. */
export function sortedAlerts<A extends Alert>(alerts: readonly A[]): readonly A[] {
  return atOnce(alertsInOrder(alerts));
}

/** The same with pauses. */
export function alertsInOrder<A extends Alert>(alerts: readonly A[]): Sliced<readonly A[]> {
  return sortSliced(alerts, (a, b) => compareAlertLabels(a.labels, b.labels));
}
