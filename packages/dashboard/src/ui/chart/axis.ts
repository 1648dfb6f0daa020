import type uPlot from 'uplot';

/** How far apart a value axis may put its lines: round in the unit they are written in. */
export type Rounding = 'decimal' | 'binary' | 'seconds';

const BINARY = Array.from({ length: 71 }, (_, power) => 2 ** (power - 10));
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const SECONDS = [
  ...[-9, -8, -7, -6, -5, -4, -3, -2, -1].flatMap((power) =>
    [1, 2, 5].map((digit) => Number(`${digit}e${power}`)),
  ),
  1,
  2,
  5,
  10,
  15,
  20,
  30,
  ...[1, 2, 5, 10, 15, 20, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 365, 730, 1825, 3650, 36_500].map((count) => count * DAY),
];

/** 512 MiB and not 488 MiB, 5 min and not 8.33 min; nothing where powers of ten are round. */
export function roundSteps(rounding: Rounding): Pick<uPlot.Axis, 'incrs'> {
  if (rounding === 'decimal') return {};
  return { incrs: rounding === 'binary' ? BINARY : SECONDS };
}

/** Steps of a time axis: 2 and 10 minutes too, or a narrow chart of five minutes would have one label. */
export const TIME_STEPS = SECONDS.filter((step) => step >= 1);

const LEAST = 32;
/** Widths move in steps, so that a refresh does not push the plot about. */
const STEP = 8;

/** The little of a plot that is looked at. */
interface Measured {
  readonly ctx: Pick<CanvasRenderingContext2D, 'save' | 'restore' | 'font'> & {
    measureText: (text: string) => { readonly width: number };
  };
}

/** As wide as its longest label; `font` is the axis' own, in CSS pixels. */
export function fittingSize(
  font: string,
  gap: number,
): (u: Measured, labels: readonly string[] | null, axis: number, cycle: number) => number {
  let size = LEAST;
  return (u, labels, _, cycle) => {
    u.ctx.save();
    u.ctx.font = font;
    const widest = (labels ?? []).reduce((most, label) => Math.max(most, u.ctx.measureText(label).width), 0);
    u.ctx.restore();
    const wanted = Math.max(LEAST, Math.ceil((widest + gap + 4) / STEP) * STEP);
    // Within one layout it only grows, or axis and plot would chase each other.
    size = cycle > 1 ? Math.max(size, wanted) : wanted;
    return size;
  };
}

/** Points without a neighbour, which no line would show. */
export function lonePoints(u: Pick<uPlot, 'data'>, series: number, shown: boolean): number[] | null {
  if (shown) return null;
  const row = u.data[series] ?? [];
  const found: number[] = [];
  for (let at = 0; at < row.length; at++) {
    if (row[at] != null && row[at - 1] == null && row[at + 1] == null) found.push(at);
  }
  return found.length === 0 ? null : found;
}
