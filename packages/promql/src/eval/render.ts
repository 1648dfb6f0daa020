import { Derivation } from '../label-list.ts';
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
import type { EvalContext } from './context.ts';
import { FloatBlock } from './float-block.ts';
import { mergeEqualLabels, settleNames } from './names.ts';
import { firstAfter } from './select.ts';
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
  if (final instanceof FloatBlock) return rangeBlock(final, grid, outcome);
  const series = inLabelOrder(
    final.series
      .filter((one) => anyPresent(one.present))
      .map(({ labels, values, present, histograms }) =>
        histograms === undefined ? { labels, values, present } : { labels, values, present, histograms },
      ),
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
function rangeBlock(block: FloatBlock, grid: Grid, outcome: Rest): RangeResult {
  const { labels, steps, values, present } = block;
  const { items, rows } = rowsInLabelOrder(block);
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

/** The places of a list's label sets in the order of labels. */
const labelOrder = new Derivation<undefined, Int32Array>(
  ({ sets }) => {
    const order = Int32Array.from(sets, (_, index) => index);
    const of = (index: number): Labels => sets[index] ?? Labels.EMPTY;
    for (let i = 1; i < order.length; i++)
      if (compareLabels(of(i - 1), of(i)) > 0) return order.sort((a, b) => compareLabels(of(a), of(b)));
    return order;
  },
  () => '',
);

function rowsInLabelOrder({ labels, items }: FloatBlock): Pick<FloatMatrix, 'items' | 'rows'> {
  const rowOf = new Int32Array(labels.sets.length).fill(-1);
  for (let row = 0; row < items.length; row++) rowOf[items[row]] = row;
  const ordered = { items: new Int32Array(items.length), rows: new Int32Array(items.length) };
  let at = 0;
  for (const item of labelOrder.of(labels, undefined)) {
    if (rowOf[item] < 0) continue;
    ordered.items[at] = item;
    ordered.rows[at++] = rowOf[item];
  }
  return ordered;
}

/** Sorted by labels; most selections come that way. */
function inLabelOrder<T extends { readonly labels: Labels }>(series: T[]): T[] {
  for (let i = 1; i < series.length; i++) {
    const [before, after] = [series[i - 1], series[i]];
    if (before !== undefined && after !== undefined && compareLabels(before.labels, after.labels) > 0)
      return series.sort((a, b) => compareLabels(a.labels, b.labels));
  }
  return series;
}

function outcomeOf(run: Run): Pick<RangeResult, 'warnings' | 'infos' | 'stats'> {
  const { warnings, infos } = run.context.annotations;
  return { warnings, infos, stats: run.stats };
}

async function finalVector({ budget }: EvalContext, value: VectorValue): Promise<VectorValue> {
  const settled = await settleNames(budget, value);
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
