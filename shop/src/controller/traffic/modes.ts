import type { Random } from '../../shared/clock.ts';

export const TRAFFIC_MODES = ['off', 'steady', 'bursty', 'diurnal'] as const;
export type TrafficMode = (typeof TRAFFIC_MODES)[number];

export interface TrafficPlan {
  readonly mode: TrafficMode;
  /** Mean requests per second. */
  readonly rate: number;
  /** Length of one burst cycle or one day. */
  readonly periodSeconds: number;
}

/** A burst lasts this share of its cycle and carries this multiple of the mean; the rest of the cycle gets what is left. */
const BURST_SHARE = 0.2;
const BURST_FACTOR = 3;
/** How far day and night lie from the mean. */
const DIURNAL_SWING = 0.8;

/** Requests per second at an instant of the plan. The mean over a period is `rate` in every mode but `off`. */
export function rateAt({ mode, rate, periodSeconds }: TrafficPlan, seconds: number): number {
  const phase = (seconds % periodSeconds) / periodSeconds;
  switch (mode) {
    case 'off':
      return 0;
    case 'steady':
      return rate;
    case 'bursty': {
      const quiet = (1 - BURST_SHARE * BURST_FACTOR) / (1 - BURST_SHARE);
      return rate * (phase < BURST_SHARE ? BURST_FACTOR : quiet);
    }
    case 'diurnal':
      return rate * (1 - DIURNAL_SWING * Math.cos(2 * Math.PI * phase));
  }
}

/**
 * Arrivals of a Poisson process whose rate changes: the rate is integrated, and each time the integral passes a fresh
 * exponential draw somebody arrives (time-rescaling theorem). `step` answers how many arrived within the interval.
 */
export function createArrivals(random: Random): (rate: number, elapsedSeconds: number) => number {
  const draw = (): number => -Math.log(1 - random());
  let left = draw();
  return (rate, elapsedSeconds) => {
    left -= rate * elapsedSeconds;
    let arrived = 0;
    while (left <= 0) {
      arrived++;
      left += draw();
    }
    return arrived;
  };
}
