import type { Binary } from '../../parse/ast.ts';
import type { EvalContext } from '../context.ts';
import { mergeEqualLabels } from '../names.ts';
import type { Series, VectorValue } from '../value.ts';
import { anyPresent, vectorOf } from '../value.ts';
import { chooseRows } from './set-blocks.ts';
import { groupBySignature, signatureFunction } from './signature.ts';

/** `and`, `or`, `unless`: samples chosen by whether the other side has one of the same signature at that step. */
export async function combineSets(
  context: EvalContext,
  node: Binary,
  left: VectorValue,
  right: VectorValue,
): Promise<VectorValue> {
  const { matching } = node;
  if (matching === undefined) throw new TypeError('set operator without matching');
  const chosen = await chooseRows(context, node, left, right);
  if (chosen !== undefined) return chosen;
  const signature = signatureFunction(matching);
  if (node.op === 'or') {
    const known = await presence(context, left.series, signature);
    const added = await choose(context, right.series, known, false);
    return mergeEqualLabels(context.budget, vectorOf([...left.series, ...added], false));
  }
  const other = await presence(context, right.series, signature);
  return vectorOf(await choose(context, left.series, other, node.op === 'and'), left.namesPinned);
}

/** For each signature the steps at which any of its series is present. */
async function presence(
  context: EvalContext,
  series: readonly Series[],
  signature: (series: Series) => string,
): Promise<(series: Series) => Uint8Array | undefined> {
  const masks = new Map<string, Uint8Array>();
  for (const [key, [first, ...rest]] of await groupBySignature(context, series, signature)) {
    if (first === undefined) continue;
    const mask = rest.length === 0 ? first.present : first.present.slice();
    for (const one of rest) for (let k = 0; k < mask.length; k++) if (one.present[k] === 1) mask[k] = 1;
    masks.set(key, mask);
    if (context.budget.spend(mask.length * rest.length)) await context.budget.pause();
  }
  return (one) => masks.get(signature(one));
}

/** The samples whose signature the other side has (`wanted`) or lacks at that step. */
async function choose(
  { budget }: EvalContext,
  series: readonly Series[],
  maskOf: (series: Series) => Uint8Array | undefined,
  wanted: boolean,
): Promise<Series[]> {
  const chosen: Series[] = [];
  for (const one of series) {
    const mask = maskOf(one);
    const present = one.present.map((here, step) => (here === 1 && (mask?.[step] === 1) === wanted ? 1 : 0));
    if (anyPresent(present)) chosen.push({ ...one, present });
    if (budget.spend(present.length + 200)) await budget.pause();
  }
  return chosen;
}
