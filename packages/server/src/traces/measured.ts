/** Upper bounds of the histograms in seconds: those that OpenTelemetry's spanmetrics connector uses unless told otherwise. */
export const BOUNDS: readonly number[] = [
  0.002, 0.004, 0.006, 0.008, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1, 1.4, 2, 5, 10, 15,
];

/** What is counted together: how many there were, how many of them failed, and how long they took. */
export interface Measured {
  /** Epoch ms. */
  readonly since: number;
  /** By the first bound that holds them, those above all bounds last; since the process knows the series. */
  readonly counts: Float64Array;
  failed: number;
  /** Seconds. */
  sum: number;
  /** Epoch ms. */
  usedAt: number;
  /** The slowest one that has been no exemplar yet. */
  slowest: Slowest | null;
}

interface Slowest {
  readonly traceId: string;
  readonly seconds: number;
}

/** The names of the series that one thing measured makes. */
export interface MeasuredNames {
  /** A counter of all of them. */
  readonly calls: string;
  /** A counter of those that failed; null where a label says it. */
  readonly failed: string | null;
  /** A histogram. */
  readonly duration: string;
  /** What is counted, by what, for the help of the metrics. */
  readonly what: string;
}

/** Things measured of every tenant, under one set of names. */
export interface MeasuredSet<M extends Measured> {
  readonly names: MeasuredNames;
  tenants(): Iterable<string>;
  of(tenant: string): Iterable<M>;
  labelsOf(measured: M): Readonly<Record<string, string>>;
  /** Forgets one: it begins at zero when it comes again. */
  forget(tenant: string, measured: M): void;
}

/** Nothing counted yet. */
export function measuredFrom(now: number): Measured {
  const counts = new Float64Array(BOUNDS.length + 1);
  return { since: now, counts, failed: 0, sum: 0, usedAt: now, slowest: null };
}

/** The place of a duration among the bounds; a bound holds what equals it. */
export function placeOf(seconds: number): number {
  let place = 0;
  while (place < BOUNDS.length && seconds > (BOUNDS[place] ?? 0)) place++;
  return place;
}

/** The label that OpenTelemetry's connectors give to what is beyond a limit and counted together. */
export const OVERFLOW: Readonly<Record<string, string>> = { otel_metric_overflow: 'true' };
