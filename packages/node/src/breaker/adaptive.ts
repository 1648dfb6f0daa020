import type { Counts } from './machine.ts';

/** Learns how often an upstream fails on an ordinary day, and trips on what stands out from that. */
export interface AdaptiveOptions {
  /** Calls a generation must have seen before its ratio means anything. Default 20. */
  readonly minRequests?: number | undefined;
  /** Trips when the failure ratio exceeds the learned one times this. Default 3. */
  readonly factor?: number | undefined;
  /** Never trips below this failure ratio, 0..1. Default 0.2. */
  readonly floor?: number | undefined;
  /** Always trips from this failure ratio on, 0..1. Default 0.8. */
  readonly ceiling?: number | undefined;
  /** Weight of the newest interval in the learned ratio, 0..1. Default 0.2. */
  readonly weight?: number | undefined;
}

export interface AdaptiveThreshold {
  readonly readyToTrip: (counts: Counts) => boolean;
  /** Learns from an interval that ended without tripping. */
  readonly learn: (counts: Counts) => void;
  /** The failure ratio that trips now, 0..1. */
  threshold(): number;
}

/**
 * A threshold that follows the upstream's own failure ratio: an exponentially weighted mean of the intervals
 * that ended well, times `factor`, kept between `floor` and `ceiling`. A run of `consecutive` failures trips as well,
 * so that a dead upstream with little traffic is not waited for.
 */
export function adaptiveThreshold(consecutive: number, options: AdaptiveOptions = {}): AdaptiveThreshold {
  const { minRequests = 20, factor = 3, floor = 0.2, ceiling = 0.8, weight = 0.2 } = options;
  let learned: number | null = null;
  const threshold = (): number => Math.min(ceiling, Math.max(floor, (learned ?? 0) * factor));
  return {
    threshold,
    readyToTrip: (counts) => {
      if (counts.consecutiveFailures >= consecutive) return true;
      const finished = counts.totalSuccesses + counts.totalFailures;
      return finished >= minRequests && counts.totalFailures / finished > threshold();
    },
    learn: (counts) => {
      const finished = counts.totalSuccesses + counts.totalFailures;
      if (finished < minRequests) return;
      const ratio = counts.totalFailures / finished;
      learned = learned === null ? ratio : learned + weight * (ratio - learned);
    },
  };
}
