import { METRIC_NAME } from '../../labels.ts';
import type { VectorMatching } from '../../parse/ast.ts';
import type { EvalContext } from '../context.ts';
import type { Series } from '../value.ts';

/** The labels of a series that must be equal on both sides, as one text; computed once per series. */
export function signatureFunction(matching: VectorMatching): (series: Series) => string {
  const { on, labels } = matching;
  if (on) {
    const wanted = new Set(labels);
    if (wanted.size === 0) return () => '';
    return (series) => series.labels.keep(wanted).key;
  }
  const ignored = new Set([...labels, METRIC_NAME]);
  return (series) => series.labels.without(ignored).key;
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
