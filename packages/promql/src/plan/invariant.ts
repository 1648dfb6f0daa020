import type { Expr } from '../parse/ast.ts';
import { children } from '../parse/ast.ts';
import type { FunctionName } from '../parse/signatures.ts';

/** Functions whose answer depends on the time of the step even when their arguments do not. */
const TIME_DEPENDENT: ReadonlySet<FunctionName> = new Set<FunctionName>([
  'time',
  'timestamp',
  'predict_linear',
  'minute',
  'hour',
  'day_of_week',
  'day_of_month',
  'day_of_year',
  'days_in_month',
  'month',
  'year',
]);

/**
 * The expressions that have the same value at every step, because each selector below them is pinned by `@`:
 * evaluated once and repeated. Only the outermost ones, and none that is a range vector (its function is the
 * one to ask).
 */
export function findInvariants(expr: Expr): ReadonlySet<Expr> {
  const found = new Set<Expr>();
  const visit = (node: Expr): boolean => {
    if (node.kind === 'vector') return node.at !== undefined;
    if (node.kind === 'matrix') return node.vector.at !== undefined;
    const below = children(node);
    const each = below.map(visit);
    let invariant = each.every(Boolean);
    if (node.kind === 'call' && TIME_DEPENDENT.has(node.func)) invariant = false;
    // A pinned subquery looks at the same window at every step, whatever its inside does there.
    if (node.kind === 'subquery') return node.at !== undefined;
    if (!invariant) below.forEach((child, index) => each[index] === true && keep(child));
    return invariant;
  };
  const keep = (node: Expr): void => {
    if (
      node.kind !== 'matrix' &&
      node.kind !== 'subquery' &&
      node.kind !== 'number' &&
      node.kind !== 'string'
    )
      found.add(node);
  };
  if (visit(expr)) keep(expr);
  return found;
}
