import type { Call, Expr } from '../parse/ast.ts';
import { children } from '../parse/ast.ts';
import { formatExpr } from '../parse/printer.ts';

/**
 * The calls that stand in a resolved tree more than once on the query's own grid, as where a share of a total is asked for: each
 * with a text that only equal ones have. None that is `pinned` or in a subquery, whose grid is another.
 */
export function findShared(root: Expr, pinned: ReadonlySet<Expr>): ReadonlyMap<Call, string> {
  const calls: Call[] = [];
  const visit = (node: Expr): void => {
    if (pinned.has(node) || node.kind === 'subquery') return;
    if (node.kind === 'call') calls.push(node);
    for (const child of children(node)) visit(child);
  };
  visit(root);
  const shared = new Map<Call, string>();
  if (calls.length < 2) return shared;
  const first = new Map<string, Call>();
  for (const call of calls) {
    const text = formatExpr(call);
    const other = first.get(text);
    if (other === undefined) first.set(text, call);
    else shared.set(other, text).set(call, text);
  }
  return shared;
}
