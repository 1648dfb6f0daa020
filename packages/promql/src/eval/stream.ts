import type { RangeFunction, RangeInput } from '../functions/types.ts';
import { LabelList, MOST_LASTING } from '../label-list.ts';
import type { Labels } from '../labels.ts';
import type { SeriesColumns, SeriesScan, SeriesSet } from '../storage.ts';
import type { EvalContext } from './context.ts';
import { BlockBuilder, FloatBlock } from './float-block.ts';
import { runKernel } from './long-windows.ts';
import { nameless, withoutMetricLabels } from './names.ts';
import { PlacedWindows } from './placed-windows.ts';
import type { Lookups } from './select.ts';
import { firstAfter, placeLookups, rangeOf, readInstant, readPlaced, readRange } from './select.ts';
import { SharedTiming } from './shared-timing.ts';
import type { Column, Series, VectorValue, Windows } from './value.ts';
import { ColumnPool, vectorOf } from './value.ts';

/** Thrown where a scan cannot go on; the query starts again over fetched samples. */
export class ScanAbandoned extends Error {
  override readonly name = 'ScanAbandoned';
}

/** A scanned selection on the evaluation grid, one series at a time: nothing is kept but what the reader keeps. */
export interface SeriesStream {
  readonly set: SeriesSet;
  /** Metric names go. */
  readonly dropsName: boolean;
  /** Work per series in samples, for the budget. */
  readonly effort: number;
  /** Fills a clean column with series `index`; false, and the column still clean, where no step has a value. A promise where that is long work. */
  fill(index: number, column: Column): boolean | Promise<boolean>;
  /** Tells what is to be told of a series that has a value; `fill` has done so. */
  readonly inspect?: ((index: number) => void) | undefined;
}

/** The instant values of a selector. */
export function instantStream(scan: SeriesScan, lookups: Lookups, pick: 'value' | 'time'): SeriesStream {
  const shared = new SharedTiming((columns, steps: number) => placeLookups(columns, lookups, steps));
  return {
    set: scan.set,
    dropsName: false,
    effort: 30,
    fill: (index, column) => {
      const columns = floatsOf(scan, index);
      if (columns === null) return false;
      const places = pick === 'value' ? shared.of(columns, column.present.length) : undefined;
      return places === undefined
        ? readInstant(columns, lookups, column, pick)
        : readPlaced(columns.values, places, column);
    },
  };
}

/** The samples of a range selector in a series, and where its windows lie among them. */
interface PlacedRange {
  readonly from: number;
  readonly to: number;
  readonly windows: PlacedWindows;
}

export interface RangeStreamInput {
  readonly implementation: RangeFunction;
  readonly windows: Windows;
  readonly input: RangeInput;
}

/** A range function over a range selector. */
export function rangeStream(
  scan: SeriesScan,
  { implementation, windows, input }: RangeStreamInput,
): SeriesStream {
  const open = windows.end - windows.range;
  const close = windows.end + windows.step * (windows.count - 1);
  implementation.prepare?.(input);
  const shared = new SharedTiming(({ timestamps, from, to }: SeriesColumns): PlacedRange => {
    const first = firstAfter(timestamps, from, to, open);
    const end = firstAfter(timestamps, first, to, close);
    return { from: first, to: end, windows: new PlacedWindows(timestamps, first, end, windows) };
  });
  const { set } = scan;
  const inspect = implementation.inspects?.(set) === false ? undefined : implementation.inspect;
  const run = { implementation, windows, input };
  const told = (labels: Labels, any: boolean): boolean => {
    if (any) inspect?.(labels, input);
    return any;
  };
  return {
    set,
    dropsName: implementation.keepsName !== true,
    effort: 60,
    inspect: inspect && ((index) => inspect(set.labelsAt(index), input)),
    fill: (index, column) => {
      const columns = floatsOf(scan, index);
      if (columns === null) return false;
      const placed = shared.of(columns, undefined);
      const series =
        placed === undefined
          ? readRange(columns, open, close)
          : rangeOf(columns, placed.from, placed.to, placed.windows);
      if (series.to === series.from) return false;
      const any = runKernel(run, series, column);
      if (typeof any !== 'boolean') return any.then((later) => told(series.labels, later));
      return told(series.labels, any);
    },
  };
}

function floatsOf(scan: SeriesScan, index: number): SeriesColumns | null {
  const columns = scan.read(index);
  if (columns?.histograms !== undefined) throw new ScanAbandoned('a series has histograms');
  return columns;
}

/** All of a stream as a vector. */
export async function collectStream(
  context: EvalContext,
  stream: SeriesStream,
  steps: number,
): Promise<VectorValue> {
  if (context.options.delayedNameRemoval === true) return collectSeries(context, stream, steps);
  const { set, dropsName } = stream;
  const { budget } = context;
  const lasting = set.count <= MOST_LASTING;
  const some: Labels[] = [];
  const builder = new BlockBuilder(steps, set.count, budget);
  const { column } = builder;
  for (let i = 0; i < set.count; i++) {
    const any = stream.fill(i, column);
    if (any === true || (any !== false && (await any))) {
      if (lasting) builder.add(i);
      else {
        const labels = set.labelsAt(i);
        builder.add(some.length);
        some.push(dropsName ? withoutMetricLabels(labels) : labels);
      }
    }
    if (budget.spend(stream.effort + 2 * steps)) await budget.pause();
  }
  budget.hold(builder.rows * steps);
  const all = lasting ? listOf(set) : new LabelList(some, false, !dropsName || set.distinctNameless);
  const labels = lasting && dropsName ? nameless.of(all, { pinned: set.distinctNameless }) : all;
  return new FloatBlock(labels, builder.finish(), set.distinctNameless);
}

/** The same as series of their own: a block cannot tell which names are still to go. */
async function collectSeries(
  context: EvalContext,
  stream: SeriesStream,
  steps: number,
): Promise<VectorValue> {
  const { set } = stream;
  const { budget } = context;
  const pool = new ColumnPool(steps, set.count, budget);
  const series: Series[] = [];
  let column = pool.take();
  for (let i = 0; i < set.count; i++) {
    const any = stream.fill(i, column);
    if (any === true || (any !== false && (await any))) {
      series.push({ labels: set.labelsAt(i), dropName: stream.dropsName, ...column });
      column = pool.take();
    }
    if (budget.spend(stream.effort + 2 * steps)) await budget.pause();
  }
  budget.hold(series.length * steps);
  return vectorOf(series, set.distinctNameless);
}

/** Held by what `remember` counts, so that the label sets of selections nobody asks for go. */
const lists = new WeakMap<SeriesSet, WeakRef<LabelList>>();

/** The label sets of a selection, by index. */
function listOf(set: SeriesSet): LabelList {
  const known = lists.get(set)?.deref();
  if (known !== undefined) {
    known.remember(0);
    return known;
  }
  const sets = Array.from({ length: set.count }, (_, index) => set.labelsAt(index));
  const list = new LabelList(sets, true, true);
  lists.set(set, new WeakRef(list));
  list.remember(sets.length);
  return list;
}
