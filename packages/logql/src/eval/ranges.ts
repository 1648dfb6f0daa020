import type { Labels, Matcher } from '@pharos/promql';
import { Labels as LabelSet } from '@pharos/promql';
import type { OverTimeName, Series, VectorValue } from '@pharos/promql/vectors';
import { ColumnPool, overTime, vectorOf } from '@pharos/promql/vectors';
import { executionError } from '../errors.ts';
import type { Grouping, RangeAggregation, Unwrap } from '../parse/ast.ts';
import type { RangeFunctionName } from '../parse/tokens.ts';
import { Entry } from '../pipeline/entry.ts';
import { compilePipeline } from '../pipeline/pipeline.ts';
import { countedBy, isStoredGrouping, planSelection } from '../plan/plan.ts';
import { wantedLabels } from '../plan/wanted.ts';
import { compileLabelFilter } from '../stages/label_filter.ts';
import type { CompiledStage } from '../stages/types.ts';
import type { CountWindows, LogBatch } from '../storage.ts';
import { NS_PER_SECOND } from '../text/go-duration.ts';
import type { EvalContext } from './context.ts';
import { lineWork, tallyBatch } from './context.ts';
import { SeriesIndex } from './grouping.ts';
import { compileUnwrap } from './unwrap.ts';
import type { RelativeWindows } from './windows.ts';
import { firstWindow, lastWindow, relativeWindows, SampleColumns, WindowCounts } from './windows.ts';

/** A range aggregation on the steps of a query; `summed`: the grouping of a `sum` right around it. */
export async function evaluateRange(
  context: EvalContext,
  node: RangeAggregation,
  windows: CountWindows,
  summed?: Grouping,
): Promise<VectorValue> {
  const what = countedBy(node);
  if (node.func === 'absent_over_time') return absent(context, node, windows);
  if (what === undefined) return evaluateValues(context, node, windows);
  const perSecond = node.func === 'rate' || node.func === 'bytes_rate' ? node.rangeNs / NS_PER_SECOND : 1;
  const counted =
    (await countInStorage(context, node, what, windows, summed)) ??
    (await countEntries(context, node, what, windows, summed));
  if (perSecond !== 1)
    for (const { values } of counted) for (let k = 0; k < values.length; k++) values[k] /= perSecond;
  return vectorOf(counted, true);
}

async function countInStorage(
  context: EvalContext,
  { selector }: RangeAggregation,
  what: 'lines' | 'bytes',
  windows: CountWindows,
  grouping: Grouping | undefined,
): Promise<readonly Series[] | null> {
  const plan = planSelection(selector);
  if (!context.pushdown || context.storage.count === undefined || !plan.exact || !isStoredGrouping(grouping))
    return null;
  const { lineFilters, labelFilters } = plan;
  const counted = await context.storage.count(
    { matchers: selector.matchers, lineFilters, labelFilters, what, windows, grouping },
    context.signal,
  );
  if (counted === null) return null;
  context.tally.pushedDown++;
  context.budget.hold(counted.length * windows.count);
  return counted.map(({ labels, values, present }) => ({
    labels,
    dropName: false,
    values: values.slice(),
    present,
  }));
}

/** What a series costs beside its numbers, in samples: labels, keys and columns. */
const SERIES_COST = 32;

interface Counts {
  readonly labels: Labels;
  readonly amounts: WindowCounts;
  /** Which windows hold any line, where the amounts do not tell: an empty line has no bytes. */
  readonly lines: WindowCounts;
}

async function countEntries(
  context: EvalContext,
  node: RangeAggregation,
  what: 'lines' | 'bytes',
  windows: CountWindows,
  grouping: Grouping | undefined,
): Promise<readonly Series[]> {
  const index = new SeriesIndex<Counts>(grouping, (labels) => {
    context.budget.hold(windows.count + SERIES_COST);
    const amounts = new WindowCounts(windows.count);
    return { labels, amounts, lines: what === 'lines' ? amounts : new WindowCounts(windows.count) };
  });
  const take: Take = (entry, first, last, _time, size) => {
    const counts = index.of(entry);
    counts.amounts.add(first, last, what === 'lines' ? 1 : size);
    if (counts.lines !== counts.amounts) counts.lines.add(first, last, 1);
  };
  await readEntries(context, node, { windows, grouping, take });
  return [...index.values()].map(({ labels, amounts, lines }) => {
    const present = Uint8Array.from(lines.totals(), (count) => (count > 0 ? 1 : 0));
    return { labels, dropName: false, values: amounts.totals(), present };
  });
}

/** Takes one entry that passed, with its first and last window, its time and, where bytes count, those of its line. */
type Take = (entry: Entry, first: number, last: number, time: number, size: number) => void;

interface Reading {
  readonly windows: CountWindows;
  readonly grouping: Grouping | undefined;
  readonly take: Take;
  /** Behind the stages: unwraps, and what filters by that. */
  readonly after?: CompiledStage | undefined;
}

async function readEntries(
  context: EvalContext,
  node: RangeAggregation,
  { windows, grouping, take, after }: Reading,
): Promise<void> {
  const { selector } = node;
  const relative = relativeWindows(windows);
  const stages = compilePipeline(selector.stages, context.stages);
  const passes: CompiledStage = after === undefined ? stages : (entry) => stages(entry) && after(entry);
  const entry = new Entry();
  entry.want(wantedLabels(node, grouping));
  const inBytes = countedBy(node) === 'bytes';
  const plan = planSelection(selector);
  const linesUnused = plan.exact && plan.lineFilters.length === 0 && node.unwrap === undefined;
  const end = windows.end + BigInt(Math.round((windows.count - 1) * windows.stepNs)) + 1n;
  const batches = context.storage.select(
    {
      matchers: selector.matchers,
      start: relative.base + 1n,
      end,
      direction: 'forward',
      hints: { ...plan, linesUnused },
    },
    context.signal,
  );
  for await (const batch of batches) {
    tallyBatch(context, batch);
    await readBatch({ context, batch, entry, passes, take, windows: relative, inBytes });
    context.budget.check();
  }
}

interface BatchReading {
  readonly context: EvalContext;
  readonly batch: LogBatch;
  readonly entry: Entry;
  readonly passes: CompiledStage;
  readonly take: Take;
  readonly windows: RelativeWindows;
  readonly inBytes: boolean;
}

async function readBatch({
  context,
  batch,
  entry,
  passes,
  take,
  windows,
  inBytes,
}: BatchReading): Promise<void> {
  const { budget, tally } = context;
  const { timestamps, lines, metadata, sizes, stream } = batch;
  const end = windows.range + (windows.count - 1) * windows.step;
  for (let i = 0; i < timestamps.length; i++) {
    const timestamp = timestamps[i] ?? 0n;
    const time = Number(timestamp - windows.base);
    const first = firstWindow(windows, time);
    const last = lastWindow(windows, time);
    if (time <= 0 || time > end || first > last) continue;
    const line = lines[i] ?? '';
    entry.reset(timestamp, line, stream, metadata?.[i] ?? LabelSet.EMPTY);
    if (passes(entry)) {
      if (entry.error !== '') throw pipelineError(entry);
      tally.kept++;
      const known = entry.line === line ? sizes?.[i] : undefined;
      take(entry, first, last, time, inBytes ? (known ?? Buffer.byteLength(entry.line)) : 0);
    }
    if (budget.spend(lineWork(line))) await budget.pause();
  }
}

/** A count or a sum over lines of which some failed would be a lie: the query ends, unless it filters them out. */
function pipelineError(entry: Entry): Error {
  return executionError(
    `pipeline error: '${entry.error}' for series: '${entry.labels().toString()}'. ` +
      `Drop such lines with a label filter, | __error__!="${entry.error}" or | __error__="", behind the stage or the unwrap that fails.`,
  );
}

interface Samples {
  readonly labels: Labels;
  readonly columns: SampleColumns;
}

/** Functions of unwrapped values: samples are kept as columns, windows slide over them. */
async function evaluateValues(
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
    if (compute({ context, node, columns, windows: relative, pool, column }))
      series.push({ labels, dropName: false, ...column });
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
  const value = compileUnwrap(unwrap);
  const filters = unwrap.filters.map(compileLabelFilter);
  const grouping = sampleGrouping(node, unwrap);
  const index = new SeriesIndex<Samples>(grouping, (labels) => {
    context.budget.hold(SERIES_COST);
    return { labels, columns: new SampleColumns() };
  });
  let current: number | undefined;
  const after: CompiledStage = (entry) => {
    current = value(entry);
    return current !== undefined && filters.every((filter) => filter(entry));
  };
  const take: Take = (entry, _first, _last, time) => {
    context.budget.hold(1);
    index.of(entry).columns.push(time, current ?? 0);
  };
  await readEntries(context, node, { windows, grouping, take, after });
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

type ValueFunction = (input: ValueInput) => boolean;

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
  rate: (input) => {
    const any = sliding('sum_over_time')(input);
    perSecond(input);
    return any;
  },
  rate_counter: (input) => {
    sliding('increase')(input);
    perSecond(input);
    // One sample is no increase yet, but it is there: 0 per second.
    const seen = input.pool.take();
    const any = sliding('last_over_time')({ ...input, column: seen });
    input.column.present.set(seen.present);
    return any;
  },
};

const NO_LABELS: Grouping = { without: false, labels: [] };

/** 1 at the steps whose window holds nothing, under the labels the selector demands by equality. */
async function absent(
  context: EvalContext,
  node: RangeAggregation,
  windows: CountWindows,
): Promise<VectorValue> {
  const seen = new WindowCounts(windows.count);
  const { unwrap } = node;
  const value = unwrap === undefined ? undefined : compileUnwrap(unwrap);
  const filters = unwrap?.filters.map(compileLabelFilter) ?? [];
  const after: CompiledStage | undefined =
    value === undefined
      ? undefined
      : (entry) => value(entry) !== undefined && filters.every((filter) => filter(entry));
  const counted =
    unwrap === undefined ? await countInStorage(context, node, 'lines', windows, NO_LABELS) : null;
  if (counted === null)
    await readEntries(context, node, {
      windows,
      grouping: NO_LABELS,
      take: (_, first, last) => seen.add(first, last, 1),
      after,
    });
  else for (const { present } of counted) present.forEach((here, k) => seen.add(k, k, here));
  const present = Uint8Array.from(seen.totals(), (count) => (count > 0 ? 0 : 1));
  if (!present.includes(1)) return vectorOf([], true);
  const values = new Float64Array(windows.count).fill(1);
  return vectorOf([{ labels: absentLabels(node.selector.matchers), dropName: false, values, present }], true);
}

/** What a missing stream would have been called; a name that is matched twice says nothing. */
function absentLabels(matchers: readonly Matcher[]): Labels {
  const known = new Map<string, string>();
  const demanded = new Set<string>();
  for (const { name, op, value } of matchers) {
    if (op === '=' && !demanded.has(name)) {
      known.set(name, value);
      demanded.add(name);
    } else known.delete(name);
  }
  return LabelSet.fromMap(known);
}
