import type { Points } from '../contracts.ts';
import type { TracesSearch } from './search.ts';

/** The part of time and duration that a plot shows; durations stand on a logarithmic scale. */
export interface Scales {
  readonly from: number;
  readonly to: number;
  /** Nanoseconds, above zero. */
  readonly least: number;
  readonly most: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type Selection = NonNullable<TracesSearch['sel']>;

/** Below a microsecond durations are not told apart. */
const FLOOR_NS = 1000;

/** Whole powers of ten around the durations there are. */
export function scalesOf({ points }: Pick<Points, 'points'>, from: number, to: number): Scales {
  let least = Number.POSITIVE_INFINITY;
  let most = FLOOR_NS;
  for (const duration of points.duration_ns) {
    least = Math.min(least, Math.max(FLOOR_NS, duration));
    most = Math.max(most, duration);
  }
  if (least === Number.POSITIVE_INFINITY) least = FLOOR_NS;
  const low = 10 ** Math.floor(Math.log10(least));
  const high = 10 ** Math.ceil(Math.log10(most));
  return { from, to, least: low, most: high > low ? high : low * 10 };
}

export function xOf({ from, to }: Scales, { width }: Size, at: number): number {
  return ((at - from) / (to - from)) * width;
}

/** From the bottom up. */
export function yOf({ least, most }: Scales, { height }: Size, duration: number): number {
  const share = Math.log(Math.max(FLOOR_NS, duration) / least) / Math.log(most / least);
  return height - share * height;
}

/** What lies at a place of the plot. */
export function valueAt(
  scales: Scales,
  size: Size,
  x: number,
  y: number,
): { readonly at: number; readonly duration: number } {
  const { from, to, least, most } = scales;
  return {
    at: from + (x / size.width) * (to - from),
    duration: least * (most / least) ** ((size.height - y) / size.height),
  };
}

/** The marks of the duration axis: powers of ten, ascending. */
export function durationTicks({ least, most }: Scales): readonly number[] {
  const ticks: number[] = [];
  for (let tick = least; tick <= most * 1.001; tick *= 10) ticks.push(tick);
  return ticks;
}

/** A finger's or a mouse's aim, in pixels. */
const REACH_PX = 12;

/** The point nearest to a place; -1 where none is near. */
export function nearest(
  { points }: Points,
  scales: Scales,
  size: Size,
  { x, y }: { readonly x: number; readonly y: number },
): number {
  let best = -1;
  let least = REACH_PX * REACH_PX;
  for (let index = 0; index < points.trace_id.length; index++) {
    const dx = xOf(scales, size, points.start_ms[index] ?? 0) - x;
    const dy = yOf(scales, size, points.duration_ns[index] ?? 0) - y;
    const distance = dx * dx + dy * dy;
    if (distance > least) continue;
    least = distance;
    best = index;
  }
  return best;
}

/** Ids of the points in a part of the plot, and of all others. */
export function partsOf(
  { points }: Points,
  [from, to, min, max]: Selection,
): {
  readonly selected: readonly string[];
  readonly others: readonly string[];
} {
  const selected: string[] = [];
  const others: string[] = [];
  for (const [index, id] of points.trace_id.entries()) {
    const at = points.start_ms[index] ?? 0;
    const duration = points.duration_ns[index] ?? 0;
    const within = at >= from && at <= to && duration >= min && duration <= max;
    (within ? selected : others).push(id);
  }
  return { selected, others };
}

/** Ids of the traces that failed, and of all others. */
export function failedOf({ points }: Points): ReturnType<typeof partsOf> {
  const failed = points.trace_id.filter((_, index) => points.failed[index] === 1);
  return { selected: failed, others: points.trace_id.filter((_, index) => points.failed[index] !== 1) };
}

/** Ids of the slowest twentieth, and of all others. */
export function slowestOf({ points }: Points): ReturnType<typeof partsOf> {
  const order = points.trace_id
    .map((_, index) => index)
    .toSorted((a, b) => (points.duration_ns[b] ?? 0) - (points.duration_ns[a] ?? 0));
  const count = Math.ceil(order.length / 20);
  const idOf = (index: number): string => points.trace_id[index] ?? '';
  return { selected: order.slice(0, count).map(idOf), others: order.slice(count).map(idOf) };
}

/** So many of them, evenly spread. */
export function thinned(ids: readonly string[], most: number): readonly string[] {
  if (ids.length <= most) return ids;
  return Array.from({ length: most }, (_, index) => ids[Math.floor((index * ids.length) / most)] ?? '');
}
