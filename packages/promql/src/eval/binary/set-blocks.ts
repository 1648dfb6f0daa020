import type { LabelList } from '../../label-list.ts';
import { Remembered } from '../../label-list.ts';
import type { Binary, VectorMatching } from '../../parse/ast.ts';
import type { Budget } from '../budget.ts';
import type { EvalContext } from '../context.ts';
import { FloatBlock } from '../float-block.ts';
import type { VectorValue } from '../value.ts';
import { signatureFunction } from './signature.ts';

/** Which label sets of two lists have the same signature. */
interface Groups {
  /** One for each signature of the right list. */
  readonly count: number;
  /** Group of each label set of the left list; -1 where the right list has none of its signature. */
  readonly left: Int32Array;
  /** Group of each label set of the right list. */
  readonly right: Int32Array;
}

interface GroupKind {
  readonly right: LabelList;
  readonly matching: VectorMatching;
}

const kept = new Remembered<GroupKind, Groups>(({ right, matching: { on, labels } }) =>
  JSON.stringify([right.id, on, labels]),
);

async function groupsOf(budget: Budget, left: LabelList, kind: GroupKind): Promise<Groups> {
  return kept.known(left, kind) ?? kept.keep(left, kind, await makeGroups(budget, left, kind));
}

async function makeGroups(budget: Budget, left: LabelList, { right, matching }: GroupKind): Promise<Groups> {
  const signature = signatureFunction(matching);
  const groups = new Map<string, number>();
  const ofRight = new Int32Array(right.sets.length);
  for (const [index, labels] of right.sets.entries()) {
    const key = signature({ labels });
    const group = groups.get(key) ?? groups.size;
    groups.set(key, group);
    ofRight[index] = group;
    if (budget.spend(200)) await budget.pause();
  }
  const ofLeft = new Int32Array(left.sets.length);
  for (const [index, labels] of left.sets.entries()) {
    ofLeft[index] = groups.get(signature({ labels })) ?? -1;
    if (budget.spend(200)) await budget.pause();
  }
  return { count: groups.size, left: ofLeft, right: ofRight };
}

/** At which steps each group has a value. */
interface Presence {
  /** Of each group, where its steps begin in `present`; -1 where it has a value at none. */
  readonly from: Int32Array;
  readonly present: Uint8Array;
}

async function presenceOf(budget: Budget, block: FloatBlock, groups: Groups): Promise<Presence> {
  const { rows, steps, items } = block;
  const from = new Int32Array(groups.count).fill(-1);
  let several = false;
  for (let row = 0; row < rows; row++) {
    const group = groups.right[items[row]];
    if (from[group] >= 0) several = true;
    from[group] = row * steps;
  }
  return several ? await united(budget, block, groups.right, from) : { from, present: block.present };
}

/** Rows of one group as one, in its last row's place. */
async function united(
  budget: Budget,
  { rows, steps, items, present: own }: FloatBlock,
  groupOf: Int32Array,
  from: Int32Array,
): Promise<Presence> {
  const present = own.slice();
  for (let row = 0; row < rows; row++) {
    const into = from[groupOf[items[row]]];
    const base = row * steps;
    if (into !== base) for (let k = 0; k < steps; k++) present[into + k] |= own[base + k];
    if (budget.spend(steps)) await budget.pause();
  }
  return { from, present };
}

/**
 * `and` and `unless` between two blocks whose label sets come again with the next query: who meets whom is looked up, and
 * no series is made. Undefined where it takes more than that.
 */
export async function chooseRows(
  { budget }: EvalContext,
  { op, matching }: Binary,
  left: VectorValue,
  right: VectorValue,
): Promise<VectorValue | undefined> {
  if (op === 'or' || matching === undefined) return undefined;
  if (!(left instanceof FloatBlock && right instanceof FloatBlock)) return undefined;
  if (!left.labels.lasting || !right.labels.lasting) return undefined;
  const groups = await groupsOf(budget, left.labels, { right: right.labels, matching });
  const other = await presenceOf(budget, right, groups);
  const { rows, steps, items } = left;
  const present = new Uint8Array(left.present.length);
  const lacking = op === 'unless' ? 1 : 0;
  for (let row = 0; row < rows; row++) {
    const group = groups.left[items[row]];
    const at = group < 0 ? -1 : other.from[group];
    for (let base = row * steps, k = 0; k < steps; k++) {
      const there = at < 0 ? 0 : other.present[at + k];
      present[base + k] = left.present[base + k] & (there ^ lacking);
    }
    if (budget.spend(steps)) await budget.pause();
  }
  return new FloatBlock(left.labels, left.only(present), left.namesPinned);
}
