import type { RangeFunction, RangeInput } from '../functions/types.ts';
import type { Labels } from '../labels.ts';
import type { SeriesColumns, SeriesScan, SeriesSet } from '../storage.ts';
import type { EvalContext } from './context.ts';
import { dropName, withoutMetricLabels } from './names.ts';
import type { Lookups } from './select.ts';
import { readInstant, readRange } from './select.ts';
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
  /** Fills a clean column with series `index`; false, and the column still clean, where no step has a value. */
  fill(index: number, column: Column): boolean;
}

/** The instant values of a selector. */
export function instantStream(scan: SeriesScan, lookups: Lookups, pick: 'value' | 'time'): SeriesStream {
  return {
    set: scan.set,
    dropsName: false,
    effort: 30,
    fill: (index, column) => {
      const columns = floatsOf(scan, index);
      return columns !== null && readInstant(columns, lookups, column, pick);
    },
  };
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
  return {
    set: scan.set,
    dropsName: implementation.keepsName !== true,
    effort: 60,
    fill: (index, column) => {
      const columns = floatsOf(scan, index);
      if (columns === null) return false;
      const series = readRange(columns, open, close);
      if (series.to === series.from || !implementation.kernel(series, windows, column, input)) return false;
      implementation.inspect?.(series, input);
      return true;
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
  const { set, dropsName } = stream;
  const { budget } = context;
  const named = dropsName ? namelessLabels(context, set) : (index: number) => keptName(set.labelsAt(index));
  const pool = new ColumnPool(steps, set.count);
  const series: Series[] = [];
  let column = pool.take();
  for (let i = 0; i < set.count; i++) {
    if (stream.fill(i, column)) {
      series.push({ ...named(i), ...column });
      column = pool.take();
    }
    if (budget.spend(stream.effort + 2 * steps)) await budget.pause();
  }
  budget.hold(series.length * steps);
  return vectorOf(series, set.distinctNameless);
}

type Named = Pick<Series, 'labels' | 'dropName'>;

const keptName = (labels: Labels): Named => ({ labels, dropName: false });

/** Up to this many series, their labels without the name are kept with the selection. */
const MOST_KEPT = 20_000;
const keptLabels = new WeakMap<SeriesSet, (Labels | undefined)[]>();

/** What `dropName` answers for each series of a set, remembered for the next query of the same selection. */
function namelessLabels(context: EvalContext, set: SeriesSet): (index: number) => Named {
  if (context.options.delayedNameRemoval === true || set.count > MOST_KEPT)
    return (index) => dropName(context, set.labelsAt(index));
  let kept = keptLabels.get(set);
  if (kept === undefined) {
    kept = Array.from({ length: set.count }, () => undefined);
    keptLabels.set(set, kept);
  }
  const known = kept;
  return (index) => {
    let labels = known[index];
    if (labels === undefined) known[index] = labels = withoutMetricLabels(set.labelsAt(index));
    return { labels, dropName: false };
  };
}
