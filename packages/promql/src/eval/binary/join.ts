import { LabelList, Remembered } from '../../label-list.ts';
import type { Labels } from '../../labels.ts';
import type { Binary, VectorMatching } from '../../parse/ast.ts';
import { isComparison, isTrim } from '../../parse/ast.ts';
import type { Budget } from '../budget.ts';
import type { EvalContext } from '../context.ts';
import { BlockBuilder, FloatBlock } from '../float-block.ts';
import type { VectorValue } from '../value.ts';
import type { FloatOperator, RowOperator } from './operators.ts';
import { floatOperator, rowOperator } from './operators.ts';
import { resultLabels } from './result-labels.ts';
import { keepsSample } from './scalars.ts';
import { signatureFunction } from './signature.ts';

/** Which label sets of two lists meet. */
interface JoinPlan {
  /** Per pair, in the order of results: its place in the list of the "many" side and in that of the other. */
  readonly many: Int32Array;
  readonly one: Int32Array;
  /** What each pair's result is called; no two are equal. */
  readonly labels: LabelList;
}

/** A plan depends on both lists and on how the operator matches and names. */
interface JoinKind {
  readonly one: LabelList;
  readonly node: Binary;
  readonly matching: VectorMatching;
}

/** Null where several may meet at one step: whether they do is a question of each step. */
const plans = new Remembered<JoinKind, JoinPlan | null>(
  ({ one, node, matching: { on, labels, cardinality, include } }) =>
    JSON.stringify([one.id, on, labels, cardinality, include, keepsSample(node)]),
);

async function planOf(budget: Budget, list: LabelList, kind: JoinKind): Promise<JoinPlan | null> {
  const known = plans.known(list, kind);
  return known === undefined ? plans.keep(list, kind, await makePlan(budget, list, kind)) : known;
}

async function makePlan(
  budget: Budget,
  list: LabelList,
  { one, node, matching }: JoinKind,
): Promise<JoinPlan | null> {
  const signature = signatureFunction(matching);
  const partners = new Map<string, number>();
  for (const [index, labels] of one.sets.entries()) {
    const key = signature({ labels });
    if (partners.has(key)) return null;
    partners.set(key, index);
    if (budget.spend(200)) await budget.pause();
  }
  const groups = new Map<string, number[]>();
  for (const [index, labels] of list.sets.entries()) {
    const key = signature({ labels });
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else if (matching.cardinality === 'one-to-one') return null;
    else group.push(index);
    if (budget.spend(200)) await budget.pause();
  }
  return await pairsOf(
    budget,
    { groups, partners },
    { list, one, nameOf: resultLabels(node, matching, false) },
  );
}

/** By signature: places in the list of the "many" side, and the place in the other's. */
interface Matched {
  readonly groups: ReadonlyMap<string, readonly number[]>;
  readonly partners: ReadonlyMap<string, number>;
}

interface Naming {
  readonly list: LabelList;
  readonly one: LabelList;
  readonly nameOf: (many: Labels, one: Labels) => Labels;
}

async function pairsOf(
  budget: Budget,
  { groups, partners }: Matched,
  { list, one, nameOf }: Naming,
): Promise<JoinPlan | null> {
  const keys = new Set<string>();
  const many: number[] = [];
  const ones: number[] = [];
  const labels: Labels[] = [];
  for (const [key, members] of groups) {
    const partner = partners.get(key);
    const other = partner === undefined ? undefined : one.sets[partner];
    if (partner === undefined || other === undefined) continue;
    for (const index of members) {
      const own = list.sets[index];
      if (own === undefined) continue;
      many.push(index);
      ones.push(partner);
      const named = nameOf(own, other);
      labels.push(named);
      keys.add(named.key);
      if (budget.spend(400)) await budget.pause();
    }
  }
  if (keys.size < labels.length) return null;
  return {
    many: Int32Array.from(many),
    one: Int32Array.from(ones),
    labels: new LabelList(labels, list.lasting, true),
  };
}

/**
 * Arithmetic and comparison between two blocks whose label sets come again with the next query: who meets whom is looked
 * up, not found out. Undefined where it takes more than that.
 */
export async function joinBlocks(
  context: EvalContext,
  node: Binary,
  left: VectorValue,
  right: VectorValue,
): Promise<VectorValue | undefined> {
  const { matching } = node;
  if (!(left instanceof FloatBlock && right instanceof FloatBlock) || matching === undefined)
    return undefined;
  if (matching.fillLeft !== undefined || matching.fillRight !== undefined || isTrim(node.op))
    return undefined;
  const swapped = matching.cardinality === 'one-to-many';
  const [many, one] = swapped ? [right, left] : [left, right];
  if (!many.labels.lasting || !one.labels.lasting || many.rows === 0 || one.rows === 0) return undefined;
  const plan = await planOf(context.budget, many.labels, { one: one.labels, node, matching });
  if (plan === null) return undefined;
  const rows = await combineRows(context, plan, { many, one, combine: rowCombiner(node, swapped) });
  const alone = matching.cardinality === 'one-to-one' && many.namesPinned && one.namesPinned;
  return new FloatBlock(plan.labels, rows.finish(), alone || !keepsSample(node));
}

interface Sides {
  readonly many: FloatBlock;
  readonly one: FloatBlock;
  readonly combine: RowCombiner;
}

async function combineRows(
  { budget }: EvalContext,
  plan: JoinPlan,
  { many, one, combine }: Sides,
): Promise<BlockBuilder> {
  const { steps } = many;
  const manyRows = rowsByItem(many);
  const oneRows = rowsByItem(one);
  const builder = new BlockBuilder(steps, plan.many.length, budget);
  for (let pair = 0; pair < plan.many.length; pair++) {
    const [a, b] = [manyRows[plan.many[pair]], oneRows[plan.one[pair]]];
    if (a >= 0 && b >= 0 && combine(many, a * steps, one, b * steps, builder)) builder.add(pair);
    if (budget.spend(steps)) await budget.pause();
  }
  budget.hold(builder.rows * steps);
  return builder;
}

/** Row of each label set of a block's list; -1 for those without. */
function rowsByItem({ items, labels }: FloatBlock): Int32Array {
  const rows = new Int32Array(labels.sets.length).fill(-1);
  for (let row = 0; row < items.length; row++) rows[items[row]] = row;
  return rows;
}

/** Combines the row at `from` with the other's at `at` into the builder's column; false where nothing is left. */
type RowCombiner = (
  many: FloatBlock,
  from: number,
  one: FloatBlock,
  at: number,
  builder: BlockBuilder,
) => boolean;

function rowCombiner(node: Binary, swapped: boolean): RowCombiner {
  const row = rowOperator(node.op);
  if (row !== undefined) return wholeRows(row, swapped);
  const plain = floatOperator(node.op);
  const operate: FloatOperator = swapped ? (many, one) => plain(one, many) : plain;
  const filter = isComparison(node.op) && !node.returnBool;
  return (many, from, one, at, { column: { values, present } }) => {
    let any = false;
    for (let k = 0; k < values.length; k++) {
      if (many.present[from + k] === 0 || one.present[at + k] === 0) continue;
      const [a, b] = [many.values[from + k], one.values[at + k]];
      const computed = operate(a, b);
      if (filter && computed === 0) continue;
      // A filter answers the left operand's value, wherever the "many" side stands.
      values[k] = filter ? (swapped ? b : a) : computed;
      present[k] = 1;
      any = true;
    }
    return any;
  };
}

/** Computes every step and tells which of them count. */
function wholeRows(row: RowOperator, swapped: boolean): RowCombiner {
  return (many, from, one, at, { column: { values, present } }) => {
    let any = 0;
    for (let k = 0; k < present.length; k++) {
      const both = many.present[from + k] & one.present[at + k];
      present[k] = both;
      any |= both;
    }
    if (any === 0) return false;
    if (swapped) row(values, one.values, at, many.values, from);
    else row(values, many.values, from, one.values, at);
    return true;
  };
}
