import { quantileOf } from '@pharos/promql';
import type { Line } from '../overview/index.ts';

/** What of a service is held against its own past. */
export const SIGNAL_NAMES = [
  'request_rate',
  'error_ratio',
  'latency_p95',
  'cpu_percent',
  'memory_mb',
  'event_loop_lag',
] as const;
export type SignalName = (typeof SIGNAL_NAMES)[number];

/** A stretch of time in which a signal was far from what it was before. */
export interface Deviation {
  readonly signal: SignalName;
  readonly direction: 'above' | 'below';
  /** Epoch ms; before the window where it lasted when that began. */
  readonly from: number;
  /** Null while it lasts. */
  readonly to: number | null;
  /** The value farthest from usual. */
  readonly value: number;
  readonly usual: number;
  /** Robust standard deviations from usual, at the farthest. */
  readonly score: number;
  /** 0..1: grows with the score and with how much past it rests on. */
  readonly confidence: number;
}

interface Rule {
  readonly below: boolean;
  /** Less spread than this is taken for this much: a past without any noise makes nothing an anomaly. */
  readonly leastSpread: number;
  /** How far from usual is worth a word, whatever the spread. */
  readonly matters: (value: number, usual: number) => boolean;
}

/** Floors are those of docs/analysis.md. Rates per second, ratios 0..1, seconds, percent of a core, MB. */
const SIGNALS: Readonly<Record<SignalName, Rule>> = {
  request_rate: {
    below: true,
    leastSpread: 0.2,
    matters: (value, usual) => value >= 1.5 * usual + 1 || (usual >= 1 && value <= usual / 2),
  },
  error_ratio: {
    below: false,
    leastSpread: 0.005,
    matters: (value, usual) => value >= usual + 0.03,
  },
  latency_p95: {
    below: false,
    leastSpread: 0.02,
    matters: (value, usual) => value >= Math.max(1.5 * usual, usual + 0.1),
  },
  cpu_percent: { below: false, leastSpread: 3, matters: (value, usual) => value >= usual + 20 },
  memory_mb: {
    below: false,
    leastSpread: 4,
    matters: (value, usual) => value >= Math.max(1.25 * usual, usual + 24),
  },
  event_loop_lag: {
    below: false,
    leastSpread: 0.01,
    matters: (value, usual) => value >= Math.max(2 * usual, usual + 0.05),
  },
};

/** From here on a robust z-score is unlike the past (Iglewicz and Hoaglin 1993). */
export const FAR = 3.5;
/** Median absolute deviations of a normal distribution's standard deviation. */
const MAD_SCALE = 1.4826;
/** A spread in proportion to what is usual: a steady signal may move this much. */
const USUAL_SHARE = 0.1;
/** Less past than this tells nothing of what is usual. */
const LEAST_PAST = 12;
const FULL_PAST = 60;
/** So many points in a row, unless the window has fewer than twice as many. */
const RUN = 3;

/** A signal's line on a grid. */
export interface SignalLine {
  readonly line: Line;
  /** Epoch ms of the first point, and ms between two. */
  readonly start: number;
  readonly step: number;
}

/**
 * The farthest stretch of the points from `from` on in which a signal stayed far from the median of its points before, by robust
 * z-score (median and median absolute deviation). Null where there is none, or too little past to tell.
 */
export function deviationOf(
  signal: SignalName,
  { line, start, step }: SignalLine,
  from: number,
): Deviation | null {
  const split = Math.max(0, Math.ceil((from - start) / step));
  const past = line.slice(0, split).filter((value) => value !== null);
  if (past.length < LEAST_PAST) return null;
  const rule = SIGNALS[signal];
  const usual = median(past);
  const spread = Math.max(
    MAD_SCALE * median(past.map((value) => Math.abs(value - usual))),
    USUAL_SHARE * Math.abs(usual),
    rule.leastSpread,
  );
  const sideOf = (value: number): number => {
    if (!rule.matters(value, usual)) return 0;
    const score = (value - usual) / spread;
    return Math.abs(score) < FAR || (score < 0 && !rule.below) ? 0 : Math.sign(score);
  };
  const needed = Math.min(RUN, Math.max(1, Math.floor((line.length - split) / 2)));
  const far = farthest(
    runsOf(line, split, sideOf).filter(({ values }) => values.length >= needed),
    usual,
  );
  if (far === null) return null;
  const score = Math.abs(far.value - usual) / spread;
  const known = Math.min(1, past.length / FULL_PAST);
  return {
    signal,
    direction: far.value > usual ? 'above' : 'below',
    from: start + far.first * step,
    to: far.lasts ? null : start + (far.last + 1) * step,
    value: far.value,
    usual,
    score,
    confidence: (score / (score + FAR)) * known,
  };
}

interface Run {
  /** Index of the first point on this side, also where that is before the window, and of the last known one. */
  readonly first: number;
  last: number;
  /** Of the window alone. */
  readonly values: number[];
  readonly side: number;
  lasts: boolean;
}

/** Points of the window, which begins at `split`, in a row on one side; a gap ends none. */
function runsOf(line: Line, split: number, sideOf: (value: number) => number): Run[] {
  const runs: Run[] = [];
  let run: Run | null = null;
  for (let at = split; at < line.length; at++) {
    const value = line[at];
    if (value === null) continue;
    const side = sideOf(value);
    if (run !== null && side === run.side) {
      run.values.push(value);
      run.last = at;
    } else if (side === 0) run = null;
    else runs.push((run = { first: at, last: at, values: [value], side, lasts: false }));
  }
  if (run !== null) run.lasts = true;
  return runs.map((one) => ({ ...one, first: beginningOf(line, one, split, sideOf) }));
}

/** Where a run began that the first known points of the window belong to: that may be before it. */
function beginningOf(
  line: Line,
  { first, side }: Run,
  split: number,
  sideOf: (value: number) => number,
): number {
  if (line.slice(split, first).some((value) => value !== null)) return first;
  let beginning = first;
  for (let at = split - 1; at >= 0; at--) {
    const value = line[at];
    if (value === null) continue;
    if (sideOf(value) !== side) break;
    beginning = at;
  }
  return beginning;
}

function farthest(runs: readonly Run[], usual: number): (Run & { readonly value: number }) | null {
  let found: (Run & { readonly value: number }) | null = null;
  for (const run of runs)
    for (const value of run.values)
      if (found === null || Math.abs(value - usual) > Math.abs(found.value - usual))
        found = { ...run, value };
  return found;
}

function median(values: readonly number[]): number {
  return quantileOf(0.5, Float64Array.from(values));
}
