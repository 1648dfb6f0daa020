import type { Labels } from '@pharos/promql';
import { Labels as LabelSet } from '@pharos/promql';
import type { OverTimeName, Series, VectorValue } from '@pharos/promql/vectors';
import { ColumnPool, overTime, vectorOf } from '@pharos/promql/vectors';
import type { Grouping, RangeAggregation, Unwrap } from '../parse/ast.ts';
import type { RangeFunctionName } from '../parse/tokens.ts';
import type { CountWindows } from '../storage.ts';
import { NS_PER_SECOND } from '../text/go-duration.ts';
import type { EvalContext } from './context.ts';
import { SERIES_COST } from './context.ts';
import { SeriesIndex } from './grouping.ts';
import type { Take } from './read.ts';
import { readEntries } from './read.ts';
import { compileUnwrap } from './unwrap.ts';
import type { RelativeWindows } from './windows.ts';
import { relativeWindows, SampleColumns } from './windows.ts';

interface Samples {
  readonly labels: Labels;
  readonly columns: SampleColumns;
}

/** Functions of unwrapped values: samples are kept as columns, windows slide over them. */
export async function evaluateValues(
  context: EvalContext,
  node: RangeAggregation,
  windows: CountWindows,
): Promise<VectorValue> {
  const { unwrap } = node;
  if (unwrap === undefined) throw new TypeError(`${node.func} without unwrap`);
  const index = await readSamples(context, node, unwrap, windows);
  const relative = relativeWindows(windows);
  const pool = new ColumnPool(windows.count, index.size);
  const compute = VALUE_FUNCTIONS[node.func];
  if (compute === undefined) throw new TypeError(`${node.func} takes no values`);
  const series: Series[] = [];
  for (const { labels, columns } of index.values()) {
    context.budget.hold(windows.count);
    const column = pool.take();
    const any = compute({ context, node, columns, windows: relative, pool, column });
    if (any === true || (any !== false && (await any))) series.push({ labels, dropName: false, ...column });
    if (context.budget.spend(columns.length * 4 + windows.count)) await context.budget.pause();
    context.budget.release(columns.length);
  }
  return vectorOf(series, true);
}

async function readSamples(
  context: EvalContext,
  node: RangeAggregation,
  unwrap: Unwrap,
  windows: CountWindows,
): Promise<SeriesIndex<Samples>> {
  const { stage, value } = compileUnwrap(unwrap);
  const grouping = sampleGrouping(node, unwrap);
  const index = new SeriesIndex<Samples>(grouping, (labels) => {
    context.budget.hold(SERIES_COST);
    return { labels, columns: new SampleColumns() };
  });
  const take: Take = (entry, _first, _last, time) => {
    context.budget.hold(1);
    index.of(entry).columns.push(time, value());
  };
  await readEntries(context, node, { windows, grouping, take, after: stage });
  return index;
}

/** The unwrapped label would make every value a series of its own: it goes, unless it is grouped by. */
function sampleGrouping({ grouping }: RangeAggregation, { name }: Unwrap): Grouping {
  if (grouping === undefined) return { without: true, labels: [name] };
  return grouping.without ? { without: true, labels: [...grouping.labels, name] } : grouping;
}

type Column = ReturnType<ColumnPool['take']>;

interface ValueInput {
  readonly context: EvalContext;
  readonly node: RangeAggregation;
  readonly columns: SampleColumns;
  readonly windows: RelativeWindows;
  readonly pool: ColumnPool;
  readonly column: Column;
}

/** A promise where that is long work. */
type ValueFunction = (input: ValueInput) => boolean | Promise<boolean>;

function sliding(name: OverTimeName): ValueFunction {
  return ({ context, node, columns, windows, column }) => {
    const { times, values } = columns.sorted();
    const { range, step, count } = windows;
    const series = {
      labels: LabelSet.EMPTY,
      dropName: false,
      timestamps: times,
      values,
      from: 0,
      to: times.length,
    };
    return overTime(context, name, {
      series,
      windows: { end: range, step, count, range },
      out: column,
      param: node.param,
    });
  };
}

function perSecond({ column, windows }: ValueInput): void {
  const seconds = windows.range / NS_PER_SECOND;
  for (let k = 0; k < column.values.length; k++) column.values[k] = (column.values[k] ?? 0) / seconds;
}

const VALUE_FUNCTIONS: Readonly<Partial<Record<RangeFunctionName, ValueFunction>>> = {
  sum_over_time: sliding('sum_over_time'),
  avg_over_time: sliding('avg_over_time'),
  min_over_time: sliding('min_over_time'),
  max_over_time: sliding('max_over_time'),
  first_over_time: sliding('first_over_time'),
  last_over_time: sliding('last_over_time'),
  stddev_over_time: sliding('stddev_over_time'),
  stdvar_over_time: sliding('stdvar_over_time'),
  quantile_over_time: sliding('quantile_over_time'),
  rate: async (input) => {
    const any = await sliding('sum_over_time')(input);
    perSecond(input);
    return any;
  },
  rate_counter: async (input) => {
    await sliding('increase')(input);
    perSecond(input);
    // One sample is no increase yet, but it is there: 0 per second.
    const seen = input.pool.take();
    const any = sliding('last_over_time')({ ...input, column: seen });
    input.column.present.set(seen.present);
    return any;
  },
};
