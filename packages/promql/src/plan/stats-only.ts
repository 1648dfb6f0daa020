import type { Expr, VectorSelector } from '../parse/ast.ts';
import { children } from '../parse/ast.ts';

const STATISTICS: ReadonlySet<string> = new Set(['histogram_count', 'histogram_sum', 'histogram_avg']);
const WHOLE: ReadonlySet<string> = new Set([
  'histogram_quantile',
  'histogram_quantiles',
  'histogram_fraction',
]);

/**
 * The selectors of whose histograms only count and sum are looked at. Not below an operator between vectors, nor in a
 * subquery: there resets must be found in the buckets.
 */
export function findStatsOnly(root: Expr): ReadonlySet<VectorSelector> {
  const found = new Set<VectorSelector>();
  const visit = (expr: Expr, statistics: boolean): void => {
    if (expr.kind === 'vector' && statistics) found.add(expr);
    if (expr.kind === 'subquery') return;
    let within = expr.kind !== 'binary' && statistics;
    if (expr.kind === 'call') within = !WHOLE.has(expr.func) && (statistics || STATISTICS.has(expr.func));
    for (const child of children(expr)) visit(child, within);
  };
  visit(root, false);
  return found;
}
