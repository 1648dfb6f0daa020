import type { ExpositionReason } from '../ingest/exposition/errors.ts';
import type { SeriesRefusal } from '../sink.ts';

/** Why a scraped body was refused. */
type BodyReason = ExpositionReason | 'invalid_series' | 'sample_limit';

export interface BodyProblem {
  readonly reason: BodyReason;
  readonly message: string;
}

export interface BodyOutcome {
  /** Samples the target exposed (as far as the body was read). */
  readonly scraped: number;
  /** Samples left after metric relabelling. */
  readonly kept: number;
  /** Series this target had not exposed before. */
  readonly seriesAdded: number;
  /** The same series twice in one body: the first counts. */
  readonly duplicates: number;
  /** Samples of series that a limit refused. */
  readonly refused: number;
  /** The limits that refused some of them. */
  readonly limits: readonly LimitHit[];
  readonly problem: BodyProblem | null;
}

/** The limits that can refuse a series of a target. */
export type LimitName =
  | 'target_series_limit'
  | 'body_size_limit'
  | 'sample_limit'
  | 'target_limit'
  | 'line_length'
  | SeriesRefusal['reason'];

/** A limit that a scrape met: how many samples were left out (all of them when it failed), and what was said of the first. */
export interface LimitHit {
  readonly limit: LimitName;
  readonly samples: number;
  readonly message: string;
}

const NONE: readonly LimitHit[] = [];

/** What one body comes to, counted as it is read. */
export class BodyTally {
  scraped = 0;
  kept = 0;
  added = 0;
  duplicates = 0;
  refused = 0;
  problem: BodyProblem | null = null;
  readonly #limits = new Map<LimitName, { samples: number; readonly message: string }>();

  reset(): void {
    this.scraped = 0;
    this.kept = 0;
    this.added = 0;
    this.duplicates = 0;
    this.refused = 0;
    this.problem = null;
    if (this.#limits.size > 0) this.#limits.clear();
  }

  /** One sample more that a limit refused. */
  limited(limit: LimitName, message: string): void {
    this.refused++;
    const hit = this.#limits.get(limit);
    if (hit === undefined) this.#limits.set(limit, { samples: 1, message });
    else hit.samples++;
  }

  /** `sampleLimit` 0 means none. */
  outcome(sampleLimit: number): BodyOutcome {
    if (this.problem === null && sampleLimit > 0 && this.kept > sampleLimit) {
      this.problem = {
        reason: 'sample_limit',
        message: `sample limit exceeded: ${this.kept} samples after relabelling, limit ${sampleLimit}`,
      };
    }
    return {
      scraped: this.scraped,
      kept: this.kept,
      seriesAdded: this.added,
      duplicates: this.duplicates,
      refused: this.refused,
      limits: this.#limits.size === 0 ? NONE : [...this.#limits].map(([limit, hit]) => ({ limit, ...hit })),
      problem: this.problem,
    };
  }
}
