import type { ErrorGroup } from './groups/group.ts';
import type { ErrorType, Severity } from './kinds.ts';
import type { ErrorCount } from './store/reader.ts';

/** Counts of a window, put together. Rates are errors a minute. */
export interface Totals {
  readonly total: number;
  readonly rate: number;
  readonly byService: ReadonlyMap<string, number>;
  readonly byType: ReadonlyMap<ErrorType, number>;
  readonly bySeverity: ReadonlyMap<Severity, number>;
  readonly byGroup: ReadonlyMap<string, number>;
  readonly combined: readonly {
    readonly service: string;
    readonly type: ErrorType;
    readonly severity: Severity;
    readonly count: number;
  }[];
  /** Errors of each step, oldest first. */
  readonly trend: readonly number[];
}

/** A group that had far more errors than its own past lets expect. */
export interface Spike {
  readonly group: ErrorGroup;
  readonly count: number;
  /** Errors expected of such a window. */
  readonly expected: number;
  readonly factor: number;
}

export function totalsOf(
  counts: readonly ErrorCount[],
  from: number,
  windowMs: number,
  stepMs: number,
): Totals {
  const byService = new Map<string, number>();
  const byType = new Map<ErrorType, number>();
  const bySeverity = new Map<Severity, number>();
  const byGroup = new Map<string, number>();
  const combined = new Map<string, { service: string; type: ErrorType; severity: Severity; count: number }>();
  const first = Math.floor(from / stepMs) * stepMs;
  const trend = Array.from({ length: Math.floor((from + windowMs - first) / stepMs) + 1 }, () => 0);
  let total = 0;
  for (const { service, type, severity, group, start, count } of counts) {
    total += count;
    raise(byService, service, count);
    raise(byType, type, count);
    raise(bySeverity, severity, count);
    raise(byGroup, group, count);
    const key = `${type} ${severity} ${service}`;
    const known = combined.get(key);
    if (known === undefined) combined.set(key, { service, type, severity, count });
    else known.count += count;
    const step = (start - first) / stepMs;
    if (step >= 0 && step < trend.length) trend[step] = (trend[step] ?? 0) + count;
  }
  return {
    total,
    rate: total / (windowMs / 60_000),
    byService,
    byType,
    bySeverity,
    byGroup,
    combined: [...combined.values()].sort((a, b) => b.count - a.count),
    trend,
  };
}

/** Fewer errors are no spike, whatever came before. */
const LEAST = 10;
/** How far back the expectation looks. */
const PAST_MS = 86_400_000;
/** Standard deviations of a count that comes at random (Poisson). */
const DEVIATIONS = 4;

/** What a group had in a window against what its last day lets expect of one; null when that is nothing special. */
export function spikeOf(group: ErrorGroup, count: number, from: number, windowMs: number): Spike | null {
  if (count < LEAST || group.firstSeen >= from) return null;
  const since = Math.max(group.firstSeen, from - PAST_MS);
  let before = 0;
  for (const [start, many] of group.hours)
    if (start >= since - 3_600_000 && start + 3_600_000 <= from) before += many;
  const expected = (before / Math.max(from - since, 3_600_000)) * windowMs;
  if (count <= expected + DEVIATIONS * Math.sqrt(Math.max(expected, 1)) || count < 2 * expected) return null;
  return { group, count, expected, factor: count / Math.max(expected, 0.1) };
}

/** A width of steps that cuts a window into 12 to 60. */
export function stepOf(windowMs: number): number {
  const steps = [
    1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 10_800_000, 43_200_000, 86_400_000,
  ];
  return steps.find((step) => windowMs / step <= 60) ?? 86_400_000 * 2;
}

function raise<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
