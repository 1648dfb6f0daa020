import { compareLabels, Labels } from '../labels.ts';
import type { Grid, InstantResult, QueryStats, RangeResult, RawSeries } from '../result.ts';
import type { EvalContext } from './context.ts';
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
      const { series } = await finalVector(run.context, value);
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
  const series = inLabelOrder(
    final.series
      .filter((one) => anyPresent(one.present))
      .map(({ labels, values, present, histograms }) =>
        histograms === undefined ? { labels, values, present } : { labels, values, present, histograms },
      ),
  );
  return { type: 'matrix', grid, series, ...outcome };
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
