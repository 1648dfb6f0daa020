import type { EverySample, RangeFunction, RangeInput } from '../functions/types.ts';
import { firstAfter } from './select.ts';
import type { Column, GeneralColumn, RangeSeries, Windows } from './value.ts';
import type { WindowColumn, WindowJob } from './window-thread.ts';

/** Work at a stretch, in ns as it is estimated: the loop is held no longer by one series than by many. */
const MOST_HERE_NS = 10e6;
/** Work of one job of the thread: so long a query that was given up is still worked for, and others wait for their turn. */
const MOST_THERE_NS = 100e6;
/** Of fewer looks at samples no function makes long work. */
const FEWEST_LOOKS = 100_000;

/** The kernel of a range function, and what it is run over. */
export interface KernelRun {
  readonly implementation: RangeFunction;
  readonly windows: Windows;
  readonly input: RangeInput;
}

/**
 * Runs a range function over a series without histograms, into a clean column; answers whether any step has a value. What
 * would take long at a stretch is done for some of the steps at a time, on the query's thread where it has one:
 *
 *     steps   [ part )[ part )[ part )...     each part with the samples that its own windows hold
 *
 * and the answer comes later; the samples may be others by then.
 */
export function runKernel(run: KernelRun, series: RangeSeries, out: Column): boolean | Promise<boolean> {
  const { implementation, windows, input } = run;
  const { everySample } = implementation;
  if (everySample !== undefined) {
    const looks = looksOf(series, windows);
    if (looks >= FEWEST_LOOKS) {
      const ns = looks * everySample.nsOf(series, input);
      if (ns > MOST_HERE_NS) return runInParts(everySample, { run, series, out, ns });
    }
  }
  return implementation.kernel(series, windows, out, input);
}

/** How many samples all windows hold together, at most. */
function looksOf({ from, to }: RangeSeries, { range, step, count }: Windows): number {
  return (to - from) * Math.min(count, Math.ceil(range / step));
}

type GeneralKernel = NonNullable<RangeFunction['general']>;

/** The same of a series with histograms, or with start times: they stay on this thread. */
export function runGeneral(
  run: KernelRun,
  general: GeneralKernel,
  series: RangeSeries,
  out: GeneralColumn,
): boolean | Promise<boolean> {
  const { implementation, windows, input } = run;
  const ns = looksOf(series, windows) * (implementation.nsPerHistogram ?? 0);
  if (ns <= MOST_HERE_NS) return general(series, windows, out, input);
  return runGeneralInParts(run, general, { run, series, out, ns });
}

async function runGeneralInParts(
  { windows, input }: KernelRun,
  general: GeneralKernel,
  { series, out, ns }: LongRun & { readonly out: GeneralColumn },
): Promise<boolean> {
  let any = false;
  for (let step = 0; step < windows.count; ) {
    const count = stepsOf(MOST_HERE_NS, ns, windows, step);
    const column: GeneralColumn = {
      values: new Float64Array(count),
      present: new Uint8Array(count),
      histograms: [],
    };
    const part = { ...windows, end: windows.end + step * windows.step, count };
    if (general(series, part, column, input)) any = true;
    out.values.set(column.values, step);
    out.present.set(column.present, step);
    for (const [k, histogram] of column.histograms.entries())
      if (histogram !== undefined) out.histograms[step + k] = histogram;
    step += count;
    await input.context.budget.pause();
  }
  return any;
}

/** How many steps from `step` on are so much work at most; one at least. */
function stepsOf(most: number, ns: number, { count }: Windows, step: number): number {
  return Math.min(count - step, Math.max(1, Math.floor((most * count) / ns)));
}

interface LongRun {
  readonly run: KernelRun;
  readonly series: RangeSeries;
  readonly out: Column;
  /** Work of all steps. */
  readonly ns: number;
}

async function runInParts(everySample: EverySample, { run, series, out, ns }: LongRun): Promise<boolean> {
  const { windows, input } = run;
  const { budget, windowThread } = input.context;
  // Storage may read the next series of another query into the same arrays while this one waits.
  const { labels, dropName, from, to } = series;
  const timestamps = series.timestamps.slice(from, to);
  const values = series.values.slice(from, to);
  const samples = { labels, dropName, timestamps, values, from: 0, to: to - from };
  let thread = windowThread;
  let any = false;
  for (let step = 0; step < windows.count; ) {
    const count = stepsOf(thread === undefined ? MOST_HERE_NS : MOST_THERE_NS, ns, windows, step);
    const job = jobOf(samples, run, step, count);
    const made = thread === undefined ? doHere(everySample, samples, job) : await thread.run(job);
    if (made === null) {
      thread = undefined;
      continue;
    }
    out.values.set(made.values, step);
    out.present.set(made.present, step);
    any ||= made.present.includes(1);
    step += count;
    await budget.pause();
  }
  return any;
}

/** The steps `[step, step + count)`, with the samples their windows hold. */
function jobOf(
  { timestamps, values, to }: RangeSeries,
  { windows, input }: KernelRun,
  step: number,
  count: number,
): WindowJob {
  const { grid, scalars, call } = input;
  const end = windows.end + step * windows.step;
  const from = firstAfter(timestamps, 0, to, end - windows.range);
  const last = firstAfter(timestamps, from, to, end + (count - 1) * windows.step);
  return {
    func: call.func,
    timestamps: timestamps.slice(from, last),
    values: values.slice(from, last),
    windows: { ...windows, end, count },
    grid: { ...grid, start: grid.start + step * grid.step, count },
    scalars: scalars.map((of) => of.slice(step, step + count)),
  };
}

function doHere(everySample: EverySample, series: RangeSeries, job: WindowJob): WindowColumn {
  const { windows, grid, scalars, timestamps } = job;
  const column = { values: new Float64Array(windows.count), present: new Uint8Array(windows.count) };
  const part = { ...series, timestamps, values: job.values, from: 0, to: timestamps.length };
  everySample.kernel(part, windows, column, { grid, scalars });
  return column;
}
