/** One instant value of a PromQL answer. */
export interface InstantValue {
  readonly label: (name: string) => string;
  /** All labels, `__name__` included, as a new object of its own. */
  readonly labels: () => Record<string, string>;
  readonly value: number;
}

/** One series of a range answer on the step grid; NaN where the step has no value. */
export interface RangeValues {
  readonly label: (name: string) => string;
  readonly values: Float64Array;
}

/** The PromQL door as the overview needs it; the metrics slice stands behind it. Times in epoch ms. */
export interface PromReader {
  instant(tenant: string, query: string, time: number): Promise<readonly InstantValue[]>;
  range(tenant: string, query: string, grid: Grid): Promise<readonly RangeValues[]>;
}

export interface Grid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export function gridLength(grid: Grid): number {
  return Math.floor((grid.end - grid.start) / grid.step) + 1;
}

/** A grid of about `points` steps over the window, on whole multiples of the step so that redraws do not shimmer. */
export function gridFor(now: number, windowMs: number, points: number): Grid {
  const raw = Math.max(1000, windowMs / points);
  const step = NICE_STEPS_MS.find((nice) => nice >= raw) ?? Math.ceil(raw / 86_400_000) * 86_400_000;
  const end = Math.floor(now / step) * step;
  return { start: end - Math.floor(windowMs / step) * step, end, step };
}

const NICE_STEPS_MS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
].map((s) => s * 1000);
