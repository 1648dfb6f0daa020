import { METRIC_NAME } from '../../labels.ts';
import type { VectorMatching } from '../../parse/ast.ts';
import type { EvalContext } from '../context.ts';
import type { Series } from '../value.ts';

/** The labels of a series that must be equal on both sides, as one text; computed once per series. */
export function signatureFunction(matching: VectorMatching): (series: Pick<Series, 'labels'>) => string {
  const { on, labels } = matching;
  if (on) {
    const wanted = [...new Set(labels)];
    return ({ labels: own }) => {
      let key = '';
      for (const name of wanted) key += lengthFirst(own.get(name));
      return key;
    };
  }
  const ignored = new Set([...labels, METRIC_NAME]);
  return ({ labels: { pairs } }) => {
    let key = '';
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i] ?? '';
      if (!ignored.has(name)) key += lengthFirst(name) + lengthFirst(pairs[i + 1] ?? '');
    }
    return key;
  };
}

/** No text, however hostile, can imitate the boundary to the next. */
function lengthFirst(text: string): string {
  return `${text.length}:${text}`;
}

/** Series by signature, in order of first appearance. */
export async function groupBySignature(
  { budget }: EvalContext,
  series: readonly Series[],
  signature: (series: Series) => string,
): Promise<Map<string, Series[]>> {
  const groups = new Map<string, Series[]>();
  for (const one of series) {
    const key = signature(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
    if (budget.spend(200)) await budget.pause();
  }
  return groups;
}
