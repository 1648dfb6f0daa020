import type { Line } from '../../overview/index.ts';

/** How a figure of the window stands beside that of the window before, which was as long. */
export interface Trend {
  readonly current: number | null;
  readonly previous: number | null;
  /** Of the previous one, 0.5 is half as much again; null where there was nothing. */
  readonly change: number | null;
  readonly direction: 'rising' | 'falling' | 'steady' | 'unknown';
}

/** So much of a change is a trend and no noise. */
const NOTABLE = 0.2;

/** @param least a difference below which two figures are the same, whatever their ratio */
export function trendOf(current: number | null, previous: number | null, least: number): Trend {
  if (current === null || previous === null) return { current, previous, change: null, direction: 'unknown' };
  const difference = current - previous;
  const change = previous === 0 ? null : difference / Math.abs(previous);
  const steady = Math.abs(difference) < least || (change !== null && Math.abs(change) < NOTABLE);
  return { current, previous, change, direction: steady ? 'steady' : difference > 0 ? 'rising' : 'falling' };
}

/** The mean of the points from one time to another, the first inclusive; null where none is known. */
export function meanOf(
  line: Line,
  { start, step }: { readonly start: number; readonly step: number },
  from: number,
  to: number,
): number | null {
  let sum = 0;
  let known = 0;
  for (const [i, value] of line.entries()) {
    const at = start + i * step;
    if (value === null || at < from || at >= to) continue;
    sum += value;
    known++;
  }
  return known === 0 ? null : sum / known;
}
