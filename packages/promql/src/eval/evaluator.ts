import { AGGREGATIONS } from '../aggregations/registry.ts';
import { FUNCTIONS } from '../functions/registry.ts';
import type { RangeInput } from '../functions/types.ts';
import { scaleHistogram } from '../histogram/sum.ts';
import { METRIC_NAME } from '../labels.ts';
import type {
  Aggregate,
  Binary,
  Call,
  Expr,
  MatrixSelector,
  Subquery,
  Unary,
  VectorSelector,
} from '../parse/ast.ts';
import { isSetOperator, unwrapParens } from '../parse/ast.ts';
import { innerGrid, reachOf, selectorTimes, timeSpan, windowsOf } from '../plan/grids.ts';
import { UNNAMED_INFO } from '../plan/resolve.ts';
import type { SelectionSettings } from '../plan/selections.ts';
import type { Grid } from '../result.ts';
import type { SeriesColumns } from '../storage.ts';
import { groupSeries } from './aggregate.ts';
import { scalarPair, vectorScalar } from './binary/scalars.ts';
import { combineSets } from './binary/sets.ts';
import { combineVectors } from './binary/vectors.ts';
import { BlockMatrix } from './block-matrix.ts';
import { callFunction } from './call.ts';
import type { EvalContext } from './context.ts';
import type { DownsampledArgument } from './downsampled.ts';
import { answerInParts, callInParts, instantOfBuckets, matrixOfBuckets } from './downsampled.ts';
import type { Fetched, PushedAggregate } from './fetch.ts';
import { FloatBlock } from './float-block.ts';
import { foldStream } from './fold.ts';
import { infoJoin } from './info.ts';
import { afterNameDrop, dropName } from './names.ts';
import { asRange, repeat, stampSteps } from './reshape.ts';
import type { Lookups } from './select.ts';
import { readInstant, readRange, readSmoothed } from './select.ts';
import { readInstantGeneral, readRangeGeneral, readSmoothedGeneral, statsOnly } from './select-general.ts';
import type { SharedCalls } from './shared-calls.ts';
import type { SeriesStream } from './stream.ts';
import { collectStream, instantStream, rangeStream } from './stream.ts';
import type { Column, MatrixValue, RangeSeries, Series, Value, VectorValue } from './value.ts';
import { ColumnPool, plainColumn, vectorOf } from './value.ts';

type Pick = 'value' | 'time' | 'start';

/**
 * Evaluates a resolved tree bottom up: every node becomes a value on its grid, whole series at a time. Work is
 * counted against the budget per series, which is where the evaluation pauses or ends.
 */
export class Evaluator {
  readonly #context: EvalContext;
  readonly #fetched: Fetched;
  readonly #settings: Omit<SelectionSettings, 'skip' | 'streams' | 'starts'>;
  readonly #statsOnly: ReadonlySet<VectorSelector>;
  readonly #shared: SharedCalls;

  constructor(
    context: EvalContext,
    fetched: Fetched,
    settings: Omit<SelectionSettings, 'skip' | 'streams' | 'starts'> & {
      readonly statsOnly: ReadonlySet<VectorSelector>;
      readonly shared: SharedCalls;
    },
  ) {
    this.#statsOnly = settings.statsOnly;
    this.#shared = settings.shared;
    this.#context = context;
    this.#fetched = fetched;
    this.#settings = settings;
  }

  async evaluate(expr: Expr, grid: Grid): Promise<Value> {
    if (grid.count > 1 && this.#settings.invariants.has(expr))
      return repeat(await this.#node(expr, { ...grid, count: 1 }), grid.count);
    return this.#node(expr, grid);
  }

  async #node(expr: Expr, grid: Grid): Promise<Value> {
    switch (expr.kind) {
      case 'number':
        return { type: 'scalar', values: new Float64Array(grid.count).fill(expr.value) };
      case 'string':
        return { type: 'string', value: expr.value };
      case 'vector':
        return this.#instant(expr, grid, 'value');
      case 'matrix':
        return this.#matrix(expr, grid);
      case 'subquery':
        return this.#subquery(expr, grid);
      case 'paren':
        return this.evaluate(expr.expr, grid);
      case 'unary':
        return this.#unary(expr, grid);
      case 'binary':
        return this.#binary(expr, grid);
      case 'call':
        return this.#call(expr, grid);
      case 'aggregate':
        return this.#aggregate(expr, grid);
    }
  }

  async #vector(expr: Expr, grid: Grid): Promise<VectorValue> {
    const value = await this.evaluate(expr, grid);
    if (value.type !== 'vector') throw new TypeError(`expected an instant vector, got ${value.type}`);
    return value;
  }

  /** The samples a selector sees; only counts and sums of histograms where nothing else is asked for. */
  #seriesOf(selector: VectorSelector): readonly SeriesColumns[] {
    const found = this.#fetched.downsampledOf(selector)?.raw ?? this.#fetched.seriesOf(selector);
    return this.#statsOnly.has(selector) ? found.map(statsOnly) : found;
  }

  async #instant(selector: VectorSelector, grid: Grid, pick: Pick): Promise<VectorValue> {
    const downsampled = this.#fetched.downsampledOf(selector);
    if (downsampled === undefined || pick === 'start') return this.#instantOfSamples(selector, grid, pick);
    return answerInParts(downsampled, grid, {
      piece: (piece) => instantOfBuckets(this.#context, downsampled, piece, pick),
      raw: (part) => this.#instantOfSamples(selector, part, pick),
    });
  }

  async #instantOfSamples(selector: VectorSelector, grid: Grid, pick: Pick): Promise<VectorValue> {
    const { budget, lookbackMs } = this.#context;
    const found = this.#seriesOf(selector);
    const lookups = { ...selectorTimes(selector, grid), lookback: lookbackMs };
    const scan = this.#fetched.scanOf(selector);
    if (scan !== undefined && pick !== 'start')
      return collectStream(this.#context, instantStream(scan, lookups, pick), grid.count);
    const pool = new ColumnPool(grid.count, found.length, budget);
    const series: Series[] = [];
    for (const one of found) {
      const column = pool.take();
      if (one.histograms !== undefined || pick === 'start') {
        const general = this.#readGeneral(one, selector, lookups, column, pick);
        if (general !== undefined) series.push(general);
      } else {
        const read = selector.smoothed && pick === 'value' ? readSmoothed : readInstant;
        if (read(one, lookups, column, pick)) series.push({ labels: one.labels, dropName: false, ...column });
      }
      if (budget.spend(grid.count + one.to - one.from)) await budget.pause();
    }
    budget.hold(series.length * grid.count);
    return vectorOf(series, isNamePinned(selector, found));
  }

  #readGeneral(
    one: SeriesColumns,
    selector: VectorSelector,
    lookups: Lookups,
    column: Column,
    pick: Pick,
  ): Series | undefined {
    const out = { ...column, histograms: [] };
    const { annotations } = this.#context;
    const name = one.labels.metricName;
    const any =
      selector.smoothed && pick === 'value'
        ? readSmoothedGeneral(one, lookups, out, (trouble) => {
            if (trouble === 'mixed') annotations.mixedKinds(selector.span, name);
            else annotations.mixedBuckets(selector.span, name);
          })
        : readInstantGeneral(one, lookups, out, pick);
    return any ? { labels: one.labels, dropName: false, ...plainColumn(out) } : undefined;
  }

  async #matrix(node: MatrixSelector, grid: Grid): Promise<MatrixValue> {
    const windows = windowsOf(node, grid);
    const buckets = this.#fetched.downsampledOf(node.vector)?.pieces[0];
    if (buckets !== undefined) return matrixOfBuckets(buckets, windows);
    return this.#matrixOfSamples(node, grid);
  }

  async #matrixOfSamples(node: MatrixSelector, grid: Grid): Promise<MatrixValue> {
    const { budget } = this.#context;
    const windows = windowsOf(node, grid);
    const { first, last } = timeSpan(node.vector, grid);
    const found = this.#seriesOf(node.vector);
    const withStarts = this.#context.options.startTimestamps === true;
    const { before, after } = reachOf(node.edges, this.#context.lookbackMs);
    const series: RangeSeries[] = [];
    for (const one of found) {
      const [open, close] = [first - windows.range - before, last + after];
      const plain = one.histograms === undefined && (one.starts === undefined || !withStarts);
      const range = plain ? readRange(one, open, close) : readRangeGeneral(one, open, close, withStarts);
      if (range.to > range.from) series.push(range);
      if (budget.spend(range.to - range.from)) await budget.pause();
    }
    return { type: 'matrix', series, windows, namesPinned: isNamePinned(node.vector, found) };
  }

  async #subquery(node: Subquery, grid: Grid): Promise<MatrixValue> {
    const inner = innerGrid(node, grid, this.#settings.subqueryStepMs);
    const windows = windowsOf(node, grid);
    if (inner.count === 0) return { type: 'matrix', series: [], windows, namesPinned: true };
    // Whatever it is, a value of it has so many steps.
    this.#context.budget.requireRoom(inner.count);
    const vector = await this.#vector(node.expr, inner);
    if (vector instanceof FloatBlock && this.#context.options.delayedNameRemoval !== true)
      return new BlockMatrix(vector, inner, windows);
    const series: RangeSeries[] = [];
    for (const one of vector.series) {
      series.push(asRange(one, inner));
      if (this.#context.budget.spend(inner.count)) await this.#context.budget.pause();
    }
    return { type: 'matrix', series, windows, namesPinned: vector.namesPinned };
  }

  async #unary(node: Unary, grid: Grid): Promise<Value> {
    const value = await this.evaluate(node.expr, grid);
    if (node.op === '+') return value;
    if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((one) => -one) };
    if (value.type !== 'vector') throw new TypeError(`expected a number, got ${value.type}`);
    const series = value.series.map((one) => ({
      ...dropName(this.#context, one.labels),
      values: one.values.map((v) => -v),
      present: one.present,
      histograms: one.histograms?.map((histogram) => histogram && scaleHistogram(histogram, -1)),
    }));
    return afterNameDrop(this.#context, vectorOf(series, value.namesPinned));
  }

  async #binary(node: Binary, grid: Grid): Promise<Value> {
    const left = await this.evaluate(node.left, grid);
    const right = await this.evaluate(node.right, grid);
    if (left.type === 'scalar' && right.type === 'scalar') return scalarPair(node, left, right);
    if (left.type === 'vector' && right.type === 'scalar')
      return vectorScalar(this.#context, node, left, right.values, false);
    if (left.type === 'scalar' && right.type === 'vector')
      return vectorScalar(this.#context, node, right, left.values, true);
    if (left.type !== 'vector' || right.type !== 'vector')
      throw new TypeError(`no operator between ${left.type} and ${right.type}`);
    if (isSetOperator(node.op)) return combineSets(this.#context, node, left, right);
    return combineVectors(this.#context, node, left, right);
  }

  async #call(node: Call, grid: Grid): Promise<Value> {
    const implementation = FUNCTIONS[node.func];
    if (implementation.kind === 'timestamp') return this.#timestamp(node, grid, implementation.of);
    if (implementation.kind === 'info') return this.#info(node, grid);
    const stream = await this.#rangeStream(node, grid);
    if (stream !== undefined) {
      const vector = await collectStream(this.#context, stream, grid.count);
      return stream.dropsName ? afterNameDrop(this.#context, vector) : vector;
    }
    const under = this.#selectionUnder(node);
    if (under !== undefined)
      return callInParts(under, {
        context: this.#context,
        call: node,
        grid,
        evaluate: (arg) => this.evaluate(arg, grid),
        samples: (part) => this.#matrixOfSamples(under.matrix, part),
      });
    const args: Value[] = [];
    for (const arg of node.args) args.push(await this.evaluate(arg, grid));
    return callFunction(implementation, { context: this.#context, call: node, grid, args });
  }

  /** The range selector of a call whose older samples are buckets. */
  #selectionUnder(node: Call): DownsampledArgument | undefined {
    for (const arg of node.args) {
      const matrix = unwrapParens(arg);
      if (matrix.kind !== 'matrix') continue;
      const selection = this.#fetched.downsampledOf(matrix.vector);
      if (selection !== undefined) return { matrix, selection };
    }
    return undefined;
  }

  /**
   * `timestamp(x)`: the time of the sample for a bare selector, the time of the step for anything else, whose start is
   * not known.
   */
  async #timestamp(node: Call, grid: Grid, pick: 'time' | 'start'): Promise<VectorValue> {
    const [argument] = node.args;
    if (argument === undefined) throw new TypeError('timestamp without an argument');
    const inner = unwrapParens(argument);
    if (inner.kind !== 'vector' && pick === 'start') return vectorOf([], true);
    const vector =
      inner.kind === 'vector'
        ? await this.#instant(inner, grid, pick)
        : stampSteps(await this.#vector(argument, grid), grid);
    const series = vector.series.map((one) => ({ ...one, ...dropName(this.#context, one.labels) }));
    return afterNameDrop(this.#context, vectorOf(series, vector.namesPinned));
  }

  async #info(node: Call, grid: Grid): Promise<VectorValue> {
    const [base, selector] = node.args;
    if (base === undefined || selector?.kind !== 'vector') throw new TypeError('info without a selector');
    return infoJoin({
      context: this.#context,
      base: await this.#vector(base, grid),
      selector,
      named: selector.matchers.length === 1 || !selector.matchers.includes(UNNAMED_INFO),
      values: await this.#instant(selector, grid, 'value'),
      times: await this.#instant(selector, grid, 'time'),
    });
  }

  async #aggregate(node: Aggregate, grid: Grid): Promise<VectorValue> {
    const pushed = this.#fetched.pushed.get(node);
    if (pushed !== undefined) return this.#pushed(node, pushed);
    const folded = await this.#fold(node, grid);
    if (folded !== undefined) return folded;
    const param = node.param === undefined ? undefined : await this.evaluate(node.param, grid);
    const vector = await this.#vector(node.expr, grid);
    const groups = await groupSeries(this.#context, node, vector);
    const result = await AGGREGATIONS[node.op]({ context: this.#context, node, grid, vector, groups, param });
    this.#context.budget.release(vector.series.length * grid.count);
    this.#context.budget.hold(result.series.length * grid.count);
    return result;
  }

  /** A call of a range function on a selector that is scanned. */
  async #rangeStream(node: Call, grid: Grid): Promise<SeriesStream | undefined> {
    const implementation = FUNCTIONS[node.func];
    if (implementation.kind !== 'range') return undefined;
    const at = implementation.matrixArgument ?? 0;
    const matrix = node.args[at] === undefined ? undefined : unwrapParens(node.args[at]);
    if (matrix?.kind !== 'matrix') return undefined;
    const scan = this.#fetched.scanOf(matrix.vector);
    if (scan === undefined) return undefined;
    const scalars: Float64Array[] = [];
    for (const [index, arg] of node.args.entries()) {
      const value = index === at ? undefined : await this.evaluate(arg, grid);
      if (value?.type === 'scalar') scalars.push(value.values);
    }
    const windows = windowsOf(matrix, grid);
    const input: RangeInput = {
      context: this.#context,
      call: node,
      grid,
      matrix: { type: 'matrix', series: [], windows, namesPinned: true },
      scalars,
    };
    const stream = rangeStream(scan, { implementation, windows, input });
    return this.#shared.streamOf(this.#context, node, { grid, stream });
  }

  /** An aggregation that can take the series of a scan as they are read; undefined where it cannot. */
  async #fold(node: Aggregate, grid: Grid): Promise<VectorValue | undefined> {
    const { create } = AGGREGATIONS[node.op];
    const inner = unwrapParens(node.expr);
    const context = this.#context;
    if (create === undefined || context.options.delayedNameRemoval === true) return undefined;
    if (grid.count > 1 && this.#settings.invariants.has(node.expr)) return undefined;
    let stream: SeriesStream | undefined;
    if (inner.kind === 'call') stream = await this.#rangeStream(inner, grid);
    else if (inner.kind === 'vector') {
      const scan = this.#fetched.scanOf(inner);
      const lookups = { ...selectorTimes(inner, grid), lookback: context.lookbackMs };
      if (scan !== undefined) stream = instantStream(scan, lookups, 'value');
    }
    // Names that go may make two series one, which is an error at any step where both have a value.
    if (stream === undefined || (stream.dropsName && !stream.set.distinctNameless)) return undefined;
    return foldStream({ context, node, grid, stream, create });
  }

  #pushed(node: Aggregate, pushed: PushedAggregate): VectorValue {
    const { func, matchers } = pushed.request;
    const name = matchers.find((matcher) => matcher.name === METRIC_NAME)?.value ?? '';
    if ((func === 'rate' || func === 'increase') && pushed.series.length > 0) {
      const call = unwrapParens(node.expr);
      const span = call.kind === 'call' ? (call.args[0]?.span ?? node.span) : node.span;
      this.#context.annotations.possibleNonCounter(span, name);
    }
    const series = pushed.series.map((one) => ({ ...one, dropName: false }));
    return vectorOf(series, true);
  }
}

/** One metric by name, and no type or unit labels that vary: names may be dropped without making duplicates. */
function isNamePinned(selector: VectorSelector, series: readonly SeriesColumns[]): boolean {
  if (!selector.matchers.some((matcher) => matcher.name === METRIC_NAME && matcher.op === '=')) return false;
  return !series.some(({ labels }) => labels.has('__type__') || labels.has('__unit__'));
}
