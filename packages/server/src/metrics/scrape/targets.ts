import type { Labels } from '@pharos/promql';
import type { RelabelConfig } from '../relabel/config.ts';
import type { MetricMetadata } from '../sink.ts';
import type { TargetHealth, TargetState } from './loop.ts';
import type { LimitHit } from './outcome.ts';
import type { TargetSpec } from './target.ts';

/** One scraped target, as the targets API shows it. */
export interface ActiveTarget {
  readonly labels: Labels;
  readonly discoveredLabels: Labels;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  /** Milliseconds since the epoch; null before the first scrape. */
  readonly lastScrape: number | null;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: TargetHealth;
  /** Prometheus durations. */
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
  /** What the target says of its metric families. */
  readonly metadata: ReadonlyMap<string, MetricMetadata>;
  /** Series it is known to expose. */
  readonly series: number;
  /** Limits that left samples of its last scrape out. */
  readonly limits: readonly LimitHit[];
}

export interface DroppedTarget {
  readonly discoveredLabels: Labels;
  readonly scrapePool: string;
}

/** Read access to what is scraped. */
export interface TargetRetriever {
  /** Names of the jobs, sorted. */
  scrapePools(): readonly string[];
  activeTargets(): readonly ActiveTarget[];
  /** At most `keep_dropped_targets` per job. */
  droppedTargets(): readonly DroppedTarget[];
  /** All that were dropped, by job. */
  droppedTargetCounts(): ReadonlyMap<string, number>;
  /** A job's `relabel_configs`; undefined for an unknown job. */
  relabelRules(scrapePool: string): readonly RelabelConfig[] | undefined;
}

/** Called after each scrape of each target. */
export type TargetListener = (target: TargetSpec, state: TargetState, job: string) => void;
