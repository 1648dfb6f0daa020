import type { Labels, Matcher } from '@pharos/promql';
import { Labels as LabelSet } from '@pharos/promql';
import type { Series, VectorValue } from '@pharos/promql/vectors';
import { vectorOf } from '@pharos/promql/vectors';
import type { Grouping, RangeAggregation } from '../parse/ast.ts';
import { countedBy, isStoredGrouping, planSelection } from '../plan/plan.ts';
import type { CountWindows } from '../storage.ts';
import { NS_PER_SECOND } from '../text/go-duration.ts';
import type { EvalContext } from './context.ts';
import { SERIES_COST } from './context.ts';
import { SeriesIndex } from './grouping.ts';
import type { Take } from './read.ts';
import { readEntries } from './read.ts';
import { compileUnwrap } from './unwrap.ts';
import { evaluateValues } from './values.ts';
import { WindowCounts } from './windows.ts';

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

const NO_LABELS: Grouping = { without: false, labels: [] };

/** 1 at the steps whose window holds nothing, under the labels the selector demands by equality. */
async function absent(
  context: EvalContext,
  node: RangeAggregation,
  windows: CountWindows,
): Promise<VectorValue> {
  const seen = new WindowCounts(windows.count);
  const { unwrap } = node;
  const after = unwrap === undefined ? undefined : compileUnwrap(unwrap).stage;
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
