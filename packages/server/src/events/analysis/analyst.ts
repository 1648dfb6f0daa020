import type { Status } from '../event.ts';
import type { EventCounts } from '../store/stats.ts';

/** What an analysis is made from. */
export interface Evidence {
  readonly lookbackMinutes: number;
  /** What the reader asks about: sources, rules, statuses, words. */
  readonly focusAreas: readonly string[];
  readonly counts: EventCounts;
  /** The window of the same length before. */
  readonly before: EventCounts;
  /** The highest score of the window, and its status. */
  readonly severity: Status;
}

export interface Analysis {
  readonly analysis: string;
  /** As the rules judged; what a model suggests stands beside it and changes nothing. */
  readonly severity: Status;
  readonly key_findings: readonly string[];
  readonly recommendations: readonly string[];
  /** 0..1: grows with the number of events looked at. */
  readonly confidence: number;
}

/** Explains evidence in plain words: the statistics here, a model where one is configured. */
export interface Analyst {
  analyse(evidence: Evidence): Promise<Analysis>;
}
