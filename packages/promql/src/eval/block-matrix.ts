import type { Grid } from '../result.ts';
import { isStaleMarker } from '../storage.ts';
import type { FloatBlock } from './float-block.ts';
import { PlacedWindows } from './placed-windows.ts';
import { asRange } from './reshape.ts';
import type { MatrixValue, RangeSeries, Windows } from './value.ts';

/**
 * A subquery's answer as it came: a block of floats on the inner grid. Functions of ranges that know blocks go through the
 * rows; for all others the series are made when they are first asked for.
 */
export class BlockMatrix implements MatrixValue {
  readonly type = 'matrix';
  readonly block: FloatBlock;
  readonly windows: Windows;
  readonly #inner: Grid;
  #series: readonly RangeSeries[] | undefined;
  #shared: Pick<RangeSeries, 'timestamps' | 'values'> | undefined;
  #run: PlacedRun | undefined;

  constructor(block: FloatBlock, inner: Grid, windows: Windows) {
    this.block = block;
    this.#inner = inner;
    this.windows = windows;
  }

  get namesPinned(): boolean {
    return this.block.namesPinned;
  }

  get series(): readonly RangeSeries[] {
    this.#series ??= this.block.series.map((one) => asRange(one, this.#inner));
    return this.#series;
  }

  /**
   * A row as samples, valid until the next row is asked for: a view of each row's own costs more than its few values. Rows
   * present from one step to another without a hole, as nearly all are, share their times and the places of the windows.
   */
  rangeAt(row: number): RangeSeries {
    const { labels: list, items, steps, values: cells } = this.block;
    const labels = list.sets[items[row]];
    const base = row * steps;
    const run = runOf(this.block, base, base + steps);
    if (run === undefined)
      return asRange({ labels, dropName: false, ...this.block.columnAt(row) }, this.#inner);
    this.#shared ??= sharedColumns(this.#inner);
    const { timestamps, values } = this.#shared;
    const from = run.from - base;
    const to = run.to - base;
    for (let k = from; k < to; k++) values[k] = cells[base + k];
    if (this.#run?.from !== from || this.#run.to !== to)
      this.#run = { from, to, placed: new PlacedWindows(timestamps, from, to, this.windows) };
    return { labels, dropName: false, timestamps, values, from, to, placed: this.#run.placed };
  }
}

function sharedColumns({ start, step, count }: Grid): Pick<RangeSeries, 'timestamps' | 'values'> {
  const timestamps = new Float64Array(count);
  for (let k = 0; k < count; k++) timestamps[k] = start + k * step;
  return { timestamps, values: new Float64Array(count) };
}

interface Run {
  readonly from: number;
  readonly to: number;
}

interface PlacedRun extends Run {
  readonly placed: PlacedWindows;
}

/** The cells with a value among `[start, end)`, if they lie side by side and none is a staleness marker. */
function runOf({ present, values }: FloatBlock, start: number, end: number): Run | undefined {
  let from = start;
  while (from < end && present[from] === 0) from++;
  let to = from;
  for (; to < end && present[to] === 1; to++)
    if (values[to] !== values[to] && isStaleMarker(values[to])) return undefined;
  for (let cell = to; cell < end; cell++) if (present[cell] === 1) return undefined;
  return { from, to };
}
