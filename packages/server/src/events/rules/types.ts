import type { JudgedEvent } from '../event.ts';
import type { Baseline } from '../history/baseline.ts';
import type { Finding } from '../verdict.ts';

/**
 * One thing that may be wrong with an event. Pure: the same event and baseline give the same findings. Whatever the event holds, it
 * does not throw.
 */
export interface Rule {
  /** Stands in `issues[].rule` and in the statistics. */
  readonly name: string;
  /** One sentence, for people. */
  readonly about: string;
  check(event: JudgedEvent, baseline: Baseline, findings: Finding[]): void;
}
