import type { Labels } from '@pharos/promql';

/** One time for which the condition of an alert held, or was taken to hold. Times in epoch ms; an end does not belong to it. */
export interface Spell {
  /** The alert's. */
  readonly labels: Labels;
  /** Those of the element of the answer that it stands for, without a metric's name. */
  readonly source: Labels;
  /** Since when the condition held. */
  readonly activeAt: number;
  /** Null where it never held for long enough. */
  readonly firedAt: number | null;
  /** Null where it still holds at the end. */
  readonly endedAt: number | null;
  /** It held at the first evaluation that was looked at: it may have begun before. */
  readonly isCut: boolean;
  /** Of the rule's query when it fired, or began where it never did. */
  readonly value: number;
  /** The value farthest beyond the limit. */
  readonly peak: number;
  /** Of the alert when it fired; none where it did not, or where too many did. */
  readonly annotations: ReadonlyMap<string, string>;
}

/** A time for which an alert fired. */
export interface Firing extends Spell {
  readonly firedAt: number;
}

export function isFiring(spell: Spell): spell is Firing {
  return spell.firedAt !== null;
}
