import type { Decision, Status } from '../event.ts';
import type { Baseline } from '../history/baseline.ts';

/** An event as it is stored; texts of JSON stay texts, because answers carry them as they are. */
export interface StoredEvent {
  readonly seq: number;
  /** Epoch ms. */
  readonly at: number;
  readonly received: number;
  readonly id: string;
  readonly given: boolean;
  readonly source: string;
  readonly eventType: string;
  readonly status: Status;
  readonly score: number;
  readonly decision: Decision;
  readonly reasoning: string;
  readonly rules: readonly string[];
  readonly issues: string;
  readonly suggestions: string;
  readonly data: string;
  readonly metadata: string;
  readonly ruleVersion: number;
  readonly baseline: Baseline;
}

/** Whether nothing was found in it: then its verdict reads like those of all others in which nothing was found. */
export function isUneventful({ status, score, decision, rules, issues, suggestions }: StoredEvent): boolean {
  return (
    status === 'NORMAL' &&
    score === 0 &&
    decision === 'CONTINUE' &&
    rules.length === 0 &&
    issues === '[]' &&
    suggestions === '[]'
  );
}
