import { Labels, METRIC_NAME } from '../labels.ts';
import type { Expr } from '../parse/ast.ts';
import { unwrapParens } from '../parse/ast.ts';

/** The labels a missing series would have had: what its selector demands by equality, each name once. */
export function absentLabels(expr: Expr | undefined): Labels {
  if (expr === undefined) return Labels.EMPTY;
  const inner = unwrapParens(expr);
  const selector = inner.kind === 'matrix' ? inner.vector : inner;
  if (selector.kind !== 'vector') return Labels.EMPTY;
  const known = new Map<string, string>();
  const contested = new Set<string>();
  for (const { name, op, value } of selector.matchers) {
    if (name === METRIC_NAME) continue;
    if (op === '=' && !known.has(name) && !contested.has(name)) known.set(name, value);
    else {
      known.delete(name);
      contested.add(name);
    }
  }
  return Labels.fromMap(known);
}
