import type { Binary } from '../../parse/ast.ts';
import type { EvalContext } from '../context.ts';
import { mergeEqualLabels } from '../names.ts';
import type { Series, VectorValue } from '../value.ts';
import { anyPresent, vectorOf } from '../value.ts';
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
  const signature = signatureFunction(matching);
  if (node.op === 'or') {
    const known = presence(left.series, signature);
    const added = await choose(context, right.series, (series, step) => known(series)?.[step] !== 1);
    const joined = vectorOf([...left.series, ...added], false);
    return mergeEqualLabels(joined);
  }
  const other = presence(right.series, signature);
  const wanted = node.op === 'and';
  const chosen = await choose(
    context,
    left.series,
    (series, step) => (other(series)?.[step] === 1) === wanted,
  );
  return vectorOf(chosen, left.namesPinned);
}

/** For each signature the steps at which any of its series is present. */
function presence(
  series: readonly Series[],
  signature: (series: Series) => string,
): (series: Series) => Uint8Array | undefined {
  const masks = new Map<string, Uint8Array>();
  for (const [key, group] of groupBySignature(series, signature)) {
    const [first, ...rest] = group;
    if (first === undefined) continue;
    const mask = rest.length === 0 ? first.present : first.present.slice();
    for (const one of rest) for (let k = 0; k < mask.length; k++) if (one.present[k] === 1) mask[k] = 1;
    masks.set(key, mask);
  }
  const cache = new Map<Series, Uint8Array | undefined>();
  return (one) => {
    if (!cache.has(one)) cache.set(one, masks.get(signature(one)));
    return cache.get(one);
  };
}

async function choose(
  context: EvalContext,
  series: readonly Series[],
  keep: (series: Series, step: number) => boolean,
): Promise<Series[]> {
  const chosen: Series[] = [];
  for (const one of series) {
    const present = one.present.map((here, step) => (here === 1 && keep(one, step) ? 1 : 0));
    if (anyPresent(present)) chosen.push({ ...one, present });
    if (context.budget.spend(present.length)) await context.budget.pause();
  }
  return chosen;
}
