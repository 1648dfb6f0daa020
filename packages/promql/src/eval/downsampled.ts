import type { BucketGrid } from '../downsample/buckets.ts';
import { samplesOf } from '../downsample/buckets.ts';
import type { BucketKernel } from '../downsample/kernels.ts';
import { BUCKET_KERNELS, slideBuckets } from '../downsample/kernels.ts';
import { bucketBefore } from '../downsample/pieces.ts';
import { FUNCTIONS } from '../functions/registry.ts';
import type { RangeFunction } from '../functions/types.ts';
import type { Call, Expr, MatrixSelector } from '../parse/ast.ts';
import { unwrapParens } from '../parse/ast.ts';
import { windowsOf } from '../plan/grids.ts';
import type { Grid } from '../result.ts';
import type { DownsampledPiece, SeriesColumns } from '../storage.ts';
import { callFunction } from './call.ts';
import type { EvalContext } from './context.ts';
import type { DownsampledSelection } from './fetch.ts';
import { afterNameDrop, dropName } from './names.ts';
import type { Lookups } from './select.ts';
import { firstAfter, isStaleAt, readRange } from './select.ts';
import type { Column, MatrixValue, RangeSeries, Series, Value, VectorValue, Windows } from './value.ts';
import { ColumnPool, vectorOf } from './value.ts';

function gridOf({ resolution, phase = 0 }: DownsampledPiece): BucketGrid {
  return { resolution, phase };
}

/** Some neighbouring steps of a grid. */
function partOf(grid: Grid, from: number, to: number): Grid {
  return { start: grid.start + from * grid.step, step: grid.step, count: to - from };
}

/** The arguments of a call for some steps of its grid. */
function partOfArguments(args: readonly Value[], from: number, to: number): readonly Value[] {
  return args.map((arg) => (arg.type === 'scalar' ? { ...arg, values: arg.values.subarray(from, to) } : arg));
}

/** The steps after the last piece, which samples answer. */
function rawStart({ pieces }: DownsampledSelection): number {
  return pieces.at(-1)?.to ?? 0;
}

/** The value of an instant selector at the end of the bucket before each step, or at the step where one ends there. */
export async function instantOfBuckets(
  context: EvalContext,
  selection: DownsampledSelection,
  piece: DownsampledPiece,
  pick: 'value' | 'time',
): Promise<VectorValue> {
  const { first, step } = selection.request.windows;
  const count = piece.to - piece.from;
  const lookups = { first: first + piece.from * step, step, lookback: context.lookbackMs };
  const pool = new ColumnPool(count, piece.series.length, context.budget);
  const series: Series[] = [];
  for (const buckets of piece.series) {
    const column = pool.take();
    const samples = samplesOf(buckets);
    if (readAtBuckets(samples, lookups, gridOf(piece), { column, pick }))
      series.push({ labels: buckets.labels, dropName: false, ...column });
    if (context.budget.spend(count + samples.to)) await context.budget.pause();
  }
  context.budget.hold(series.length * count);
  return vectorOf(series, false);
}

function readAtBuckets(
  { timestamps, values, from, to }: SeriesColumns,
  { first, step, lookback }: Lookups,
  { resolution, phase }: BucketGrid,
  { column, pick }: { readonly column: Column; readonly pick: 'value' | 'time' },
): boolean {
  const snapped = (k: number): number => bucketBefore(first + k * step, resolution, phase);
  let next = firstAfter(timestamps, from, to, snapped(0));
  let any = false;
  for (let k = 0; k < column.present.length; k++) {
    const time = snapped(k);
    while (next < to && timestamps[next] <= time) next++;
    const at = next - 1;
    if (at < from || timestamps[at] <= time - lookback || isStaleAt(values, at)) continue;
    column.values[k] = pick === 'value' ? values[at] : timestamps[at] / 1000;
    column.present[k] = 1;
    any = true;
  }
  return any;
}

interface BucketCall {
  readonly context: EvalContext;
  readonly call: Call;
  readonly implementation: RangeFunction;
  readonly kernel: BucketKernel;
}

/** A range function over the buckets of a piece. */
async function callOnBuckets(
  { context, call, implementation, kernel }: BucketCall,
  piece: DownsampledPiece,
  windows: Windows,
): Promise<VectorValue> {
  const count = piece.to - piece.from;
  const own = { ...windows, end: windows.end + piece.from * windows.step, count };
  const pool = new ColumnPool(count, piece.series.length, context.budget);
  const series: Series[] = [];
  for (const buckets of piece.series) {
    const column = pool.take();
    if (slideBuckets(buckets, own, gridOf(piece), kernel, column)) {
      if (kernel.counter === true)
        context.annotations.possibleNonCounter(call.args[0]?.span ?? call.span, buckets.labels.metricName);
      const named =
        implementation.keepsName === true
          ? { labels: buckets.labels, dropName: false }
          : dropName(context, buckets.labels);
      series.push({ ...named, ...column });
    }
    if (context.budget.spend(2 * count + buckets.to - buckets.from)) await context.budget.pause();
  }
  context.budget.hold(series.length * count);
  return vectorOf(series, false);
}

/** For functions that buckets cannot answer: one sample per bucket, in windows of two buckets at least. */
export function matrixOfBuckets(piece: DownsampledPiece, windows: Windows): MatrixValue {
  const range = Math.max(windows.range, 2 * piece.resolution);
  const end = windows.end + piece.from * windows.step;
  const own = { ...windows, end, range, count: piece.to - piece.from };
  const open = end - range;
  const close = end + own.step * (own.count - 1);
  const series: RangeSeries[] = [];
  for (const buckets of piece.series) {
    const read = readRange(samplesOf(buckets), open, close);
    if (read.to > read.from) series.push(read);
  }
  return { type: 'matrix', series, windows: own, namesPinned: false };
}

/** Vectors of neighbouring parts of a grid as one; each with the steps it begins at. */
function joinParts(
  parts: readonly { readonly from: number; readonly vector: VectorValue }[],
  steps: number,
): VectorValue {
  const [only] = parts;
  if (parts.length === 1 && only?.from === 0) return only.vector;
  const byKey = new Map<string, number>();
  const joined: (Series & { histograms?: NonNullable<Series['histograms']>[number][] })[] = [];
  const pool = new ColumnPool(steps, Math.max(0, ...parts.map(({ vector }) => vector.series.length)));
  for (const { from, vector } of parts) {
    for (const one of vector.series) {
      const key = `${one.dropName ? 1 : 0}${one.labels.key}`;
      let at = byKey.get(key);
      if (at === undefined) {
        at = joined.length;
        byKey.set(key, at);
        joined.push({ labels: one.labels, dropName: one.dropName, ...pool.take() });
      }
      const into = joined[at];
      into.values.set(one.values, from);
      into.present.set(one.present, from);
      if (one.histograms === undefined) continue;
      into.histograms ??= [];
      for (let k = 0; k < one.present.length; k++) into.histograms[from + k] = one.histograms[k];
    }
  }
  return vectorOf(joined, false);
}

export interface PartAnswers {
  readonly piece: (piece: DownsampledPiece) => Promise<VectorValue>;
  /** Steps from `from` of the whole grid on. */
  readonly raw: (part: Grid, from: number) => Promise<VectorValue>;
}

/** The steps that buckets answer, then those that samples answer. */
export async function answerInParts(
  selection: DownsampledSelection,
  grid: Grid,
  answer: PartAnswers,
): Promise<VectorValue> {
  const parts: { from: number; vector: VectorValue }[] = [];
  for (const piece of selection.pieces) parts.push({ from: piece.from, vector: await answer.piece(piece) });
  const from = rawStart(selection);
  if (from < grid.count) parts.push({ from, vector: await answer.raw(partOf(grid, from, grid.count), from) });
  return joinParts(parts, grid.count);
}

/** The range selector of a call whose older samples are buckets. */
export interface DownsampledArgument {
  readonly matrix: MatrixSelector;
  readonly selection: DownsampledSelection;
}

export interface CallInParts {
  readonly context: EvalContext;
  readonly call: Call;
  readonly grid: Grid;
  readonly evaluate: (arg: Expr) => Promise<Value>;
  /** The selector's samples for some steps. */
  readonly samples: (part: Grid) => Promise<MatrixValue>;
}

/** A function of a range selector, part by part: from buckets where they tell enough, else from one sample of each. */
export async function callInParts(
  { matrix, selection }: DownsampledArgument,
  { context, call, grid, evaluate, samples }: CallInParts,
): Promise<VectorValue> {
  const implementation = FUNCTIONS[call.func];
  if (implementation.kind !== 'range' && implementation.kind !== 'whole')
    throw new TypeError(`${call.func} takes no range vector`);
  const windows = windowsOf(matrix, grid);
  const others: (Value | undefined)[] = [];
  for (const arg of call.args) others.push(unwrapParens(arg) === matrix ? undefined : await evaluate(arg));
  const on = async (value: MatrixValue, part: Grid, from: number): Promise<VectorValue> => {
    const all = others.map((other) => other ?? value);
    const args = partOfArguments(all, from, from + part.count);
    const answer = await callFunction(implementation, { context, call, grid: part, args });
    if (answer.type !== 'vector') throw new TypeError(`${call.func} answered no vector`);
    return answer;
  };
  const kernel = BUCKET_KERNELS.get(call.func);
  const joined = await answerInParts(selection, grid, {
    piece: (piece) =>
      kernel !== undefined && implementation.kind === 'range'
        ? callOnBuckets({ context, call, implementation, kernel }, piece, windows)
        : on(matrixOfBuckets(piece, windows), partOf(grid, piece.from, piece.to), piece.from),
    raw: async (part, from) => on(await samples(part), part, from),
  });
  const keepsName = implementation.kind === 'range' && implementation.keepsName === true;
  return keepsName ? joined : afterNameDrop(context, joined);
}
