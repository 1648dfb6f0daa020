import type { LabelList } from '../label-list.ts';
import { Remembered } from '../label-list.ts';
import { compareLabels, Labels } from '../labels.ts';
import type {
  FloatMatrix,
  Grid,
  InstantResult,
  MatrixSeries,
  QueryStats,
  RangeResult,
  RawSeries,
  VectorSample,
} from '../result.ts';
import type { Budget } from './budget.ts';
import type { EvalContext } from './context.ts';
import { FloatBlock } from './float-block.ts';
import { mergeEqualLabels, settleNames } from './names.ts';
import { firstAfter } from './select.ts';
import { sortByParts } from './sort-by-parts.ts';
import type { MatrixValue, Value, VectorValue } from './value.ts';
import { anyPresent } from './value.ts';

/** A finished evaluation: the value of the whole expression and what came along with it. */
export interface Run {
  readonly value: Value;
  readonly context: EvalContext;
  readonly stats: QueryStats;
}

/** The answer of an instant query: step 0 of every series that has one, in the vector's own order. */
export async function instantResult(run: Run, time: number): Promise<InstantResult> {
  const { value } = run;
  const outcome = outcomeOf(run);
  switch (value.type) {
    case 'scalar':
      return { type: 'scalar', time, value: value.values[0] ?? Number.NaN, ...outcome };
    case 'string':
      return { type: 'string', time, value: value.value, ...outcome };
    case 'matrix':
      return { type: 'matrix', time, series: rawSeries(value), ...outcome };
    case 'vector': {
      const final = await finalVector(run.context, value);
      if (final instanceof FloatBlock) return instantBlock(final, time, outcome);
      const { series } = final;
      const samples = series
        .filter((one) => one.present[0] === 1)
        .map(({ labels, values, histograms }) => {
          const histogram = histograms?.[0];
          return histogram === undefined
            ? { labels, value: values[0] }
            : { labels, value: Number.NaN, histogram };
        });
      return { type: 'vector', time, samples, ...outcome };
    }
  }
}

export async function rangeResult(run: Run, grid: Grid): Promise<RangeResult> {
  const { value } = run;
  const outcome = outcomeOf(run);
  if (value.type === 'scalar') {
    const present = new Uint8Array(grid.count).fill(1);
    const series = [{ labels: Labels.EMPTY, values: value.values, present }];
    return { type: 'matrix', grid, series, ...outcome };
  }
  if (value.type !== 'vector') throw new TypeError(`a range query cannot answer a ${value.type}`);
  const final = await finalVector(run.context, value);
  if (final instanceof FloatBlock) return rangeBlock(run.context, final, { grid, outcome });
  const series = await sortByParts(
    run.context.budget,
    final.series
      .filter((one) => anyPresent(one.present))
      .map(({ labels, values, present, histograms }) =>
        histograms === undefined ? { labels, values, present } : { labels, values, present, histograms },
      ),
    byLabels,
  );
  return { type: 'matrix', grid, series, ...outcome };
}

type Rest = Pick<RangeResult, 'warnings' | 'infos' | 'stats'>;

/** A block as the answer of an instant query; samples are made when they are asked for. */
function instantBlock(block: FloatBlock, time: number, outcome: Rest): InstantResult {
  const { labels, items, steps, values, present } = block;
  const rows = Int32Array.from(items, (_, row) => row);
  let samples: readonly VectorSample[] | undefined;
  return {
    type: 'vector',
    time,
    get samples() {
      samples ??= Array.from(items, (item, row) => ({
        labels: labels.sets[item] ?? Labels.EMPTY,
        value: values[row],
      }));
      return samples;
    },
    matrix: { labels, items, rows, steps, values, present },
    ...outcome,
  };
}

/** A block as the answer of a range query; series are made when they are asked for. */
async function rangeBlock(
  { budget }: EvalContext,
  block: FloatBlock,
  { grid, outcome }: { readonly grid: Grid; readonly outcome: Rest },
): Promise<RangeResult> {
  const { labels, steps, values, present } = block;
  const { items, rows } = rowsInOrder(block, await labelOrder(budget, labels));
  let series: readonly MatrixSeries[] | undefined;
  return {
    type: 'matrix',
    grid,
    get series() {
      series ??= Array.from(items, (item, index) => ({
        labels: labels.sets[item] ?? Labels.EMPTY,
        ...block.columnAt(rows[index]),
      }));
      return series;
    },
    matrix: { labels, items, rows, steps, values, present },
    ...outcome,
  };
}

const orders = new Remembered<undefined, Int32Array>(() => '');

/** The places of a list's label sets in the order of labels. */
async function labelOrder(budget: Budget, list: LabelList): Promise<Int32Array> {
  const known = orders.known(list, undefined);
  if (known !== undefined) return known;
  const of = (index: number): Labels => list.sets[index] ?? Labels.EMPTY;
  const places = Array.from(list.sets.keys());
  const sorted = await sortByParts(budget, places, (a, b) => compareLabels(of(a), of(b)));
  return orders.keep(list, undefined, Int32Array.from(sorted));
}

function rowsInOrder({ labels, items }: FloatBlock, order: Int32Array): Pick<FloatMatrix, 'items' | 'rows'> {
  const rowOf = new Int32Array(labels.sets.length).fill(-1);
  for (let row = 0; row < items.length; row++) rowOf[items[row]] = row;
  const ordered = { items: new Int32Array(items.length), rows: new Int32Array(items.length) };
  let at = 0;
  for (const item of order) {
    if (rowOf[item] < 0) continue;
    ordered.items[at] = item;
    ordered.rows[at++] = rowOf[item];
  }
  return ordered;
}

const byLabels = (a: { readonly labels: Labels }, b: { readonly labels: Labels }): number =>
  compareLabels(a.labels, b.labels);

function outcomeOf(run: Run): Pick<RangeResult, 'warnings' | 'infos' | 'stats'> {
  const { warnings, infos } = run.context.annotations;
  return { warnings, infos, stats: run.stats };
}

async function finalVector({ budget }: EvalContext, value: VectorValue): Promise<VectorValue> {
  const settled = await settleNames(budget, value);
  if (settled instanceof FloatBlock && settled.labels.distinct) return settled;
  return value.namesPinned ? settled : mergeEqualLabels(budget, settled);
}

function rawSeries(matrix: MatrixValue): readonly RawSeries[] {
  const { end, range } = matrix.windows;
  const series = matrix.series.map(({ labels, timestamps, values, from, to, histograms }) => {
    const first = firstAfter(timestamps, from, to, end - range);
    const last = firstAfter(timestamps, first, to, end);
    const raw = { labels, timestamps: timestamps.slice(first, last), values: values.slice(first, last) };
    return histograms === undefined ? raw : { ...raw, histograms: histograms.slice(first, last) };
  });
  return series.filter((one) => one.timestamps.length > 0).sort((a, b) => compareLabels(a.labels, b.labels));
}
