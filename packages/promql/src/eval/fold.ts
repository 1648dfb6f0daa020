import type { Accumulator } from '../aggregations/types.ts';
import { LabelList } from '../label-list.ts';
import type { Aggregate } from '../parse/ast.ts';
import type { Grid } from '../result.ts';
import type { SeriesSet } from '../storage.ts';
import type { Groups } from './aggregate.ts';
import { groupLabelSets } from './aggregate.ts';
import type { EvalContext } from './context.ts';
import { BlockBuilder, FloatBlock } from './float-block.ts';
import { METRIC_LABELS } from './names.ts';
import type { SeriesStream } from './stream.ts';
import type { VectorValue } from './value.ts';
import { ColumnPool } from './value.ts';

export interface FoldInput {
  readonly context: EvalContext;
  readonly node: Aggregate;
  readonly grid: Grid;
  readonly stream: SeriesStream;
  readonly create: (cells: number) => Accumulator;
}

/**
 * An aggregation that folds a stream as it comes: each series is computed into the same column and added to its
 * group's row, so that the cost of a series is its samples and nothing else.
 */
export async function foldStream({ context, node, grid, stream, create }: FoldInput): Promise<VectorValue> {
  const { set } = stream;
  const { budget } = context;
  const groups = await groupsOf(context, node, stream);
  const cells = groups.count * grid.count;
  budget.hold(cells);
  const accumulator = create(cells);
  const seen = new Uint8Array(cells);
  const whole = new Uint8Array(groups.count);
  const column = new ColumnPool(grid.count, 1).take();
  const { present } = column;
  for (let i = 0; i < set.count; i++) {
    const any = stream.fill(i, column);
    if (any === true || (any !== false && (await any))) {
      const group = groups.indexOf[i];
      const base = group * grid.count;
      accumulator.add(base, column);
      // Once a group has a value at every step nothing more is to be noted of it.
      if (whole[group] === 0) whole[group] = note(present, seen, base);
      for (let k = 0; k < present.length; k++) present[k] = 0;
    }
    if (budget.spend(stream.effort + 2 * grid.count)) await budget.pause();
  }
  const builder = new BlockBuilder(grid.count, groups.count);
  const row = builder.column;
  for (let group = 0; group < groups.count; group++) {
    const base = group * grid.count;
    let any = false;
    for (let k = 0; k < grid.count; k++) {
      if (seen[base + k] === 0) continue;
      row.values[k] = accumulator.result(base + k);
      row.present[k] = 1;
      any = true;
    }
    if (any) builder.add(group);
  }
  return new FloatBlock(groups.list, builder.finish(), groups.nameless);
}

/** Notes the steps with a value in a group's row; 1 when all of them have one. */
function note(present: Uint8Array, seen: Uint8Array, base: number): number {
  let all = 1;
  for (let k = 0; k < present.length; k++) {
    const any = seen[base + k] | present[k];
    seen[base + k] = any;
    all &= any;
  }
  return all;
}

/** Groups of one selection, with their labels as a list. */
interface KeptGroups extends Groups {
  readonly list: LabelList;
}

/** Groupings kept with one selection; the oldest goes first. */
const MOST_KEPT = 8;
const keptGroups = new WeakMap<SeriesSet, Map<string, KeptGroups>>();

/** The groups of a stream's series: the same for every query over the same selection. */
async function groupsOf(
  context: EvalContext,
  node: Aggregate,
  { set, dropsName }: SeriesStream,
): Promise<KeptGroups> {
  const grouping = dropsName ? node.grouping.filter((name) => !METRIC_LABELS.has(name)) : node.grouping;
  const key = JSON.stringify([node.without, grouping]);
  let kept = keptGroups.get(set);
  if (kept === undefined) keptGroups.set(set, (kept = new Map<string, KeptGroups>()));
  const known = kept.get(key);
  if (known !== undefined) return known;
  const found = await groupLabelSets(
    context,
    { ...node, grouping },
    { count: set.count, labelsAt: (index) => set.labelsAt(index), dropsNameAt: () => false },
  );
  const groups = { ...found, list: new LabelList(found.labels, true, true) };
  const [oldest] = kept.keys();
  if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, groups);
  return groups;
}
