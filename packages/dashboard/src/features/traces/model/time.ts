/** A part of the trace's time, nanoseconds after its start. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

const STEPS = [1, 2, 5] as const;

/** Even places on an axis from `from` to `to`, at most `most` of them, at steps of 1, 2 or 5 times a power of ten. */
export function ticksOf({ from, to }: Extent, most: number): readonly number[] {
  const span = to - from;
  if (!(span > 0)) return [];
  let step = 0;
  for (let power = 10 ** Math.floor(Math.log10(span / most)); step === 0; power *= 10)
    step = (STEPS.find((factor) => span / (factor * power) <= most) ?? 0) * power;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step); at * step <= to; at++) ticks.push(at * step);
  return ticks;
}
