import { Labels, METRIC_NAME } from '../labels.ts';
import type { Expr } from '../parse/ast.ts';
import { unwrapParens } from '../parse/ast.ts';

/** The labels a missing series would have had: what its selector demands by equality, as Prometheus decides it. */
export function absentLabels(expr: Expr | undefined): Labels {
  if (expr === undefined) return Labels.EMPTY;
  const inner = unwrapParens(expr);
  const selector = inner.kind === 'matrix' ? inner.vector : inner;
  if (selector.kind !== 'vector') return Labels.EMPTY;
  const known = new Map<string, string>();
  const demanded = new Set<string>();
  for (const { name, op, value } of selector.matchers) {
    if (name === METRIC_NAME) continue;
    // The order counts: a later matcher of another kind takes the label away, an earlier one does not keep it out.
    if (op === '=' && !demanded.has(name)) {
      known.set(name, value);
      demanded.add(name);
    } else known.delete(name);
  }
  return Labels.fromMap(known);
}
