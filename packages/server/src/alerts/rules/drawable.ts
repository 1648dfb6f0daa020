import { type ComparisonOperator, type Expr, formatExpr } from '@pharos/promql';

/** What a chart of a rule's condition shows. */
export interface Drawable {
  /** What is compared; the whole expression where it is no comparison. */
  readonly query: string;
  /** What it is compared with, where that is a number. */
  readonly threshold: { readonly op: ComparisonOperator; readonly value: number } | null;
}

/** Read from the other side: `5 < a` is `a > 5`. */
const TURNED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '==': '==',
  '!=': '!=',
  '>': '<',
  '<': '>',
  '>=': '<=',
  '<=': '>=',
};

/**
 * The curve and the line of a condition: of `rate(errors[5m]) > 0.05` the rate, and 0.05. Where conditions are joined, those of the first
 * one: its labels are those of the alerts.
 */
export function drawableOf(expr: Expr): Drawable {
  if (expr.kind === 'paren') return drawableOf(expr.expr);
  if (expr.kind !== 'binary') return { query: formatExpr(expr), threshold: null };
  const { op, left, right } = expr;
  if (op === 'and' || op === 'unless') return drawableOf(left);
  if (!isComparison(op)) return { query: formatExpr(expr), threshold: null };
  const limit = numberOf(right);
  if (limit !== null) return { query: formatExpr(left), threshold: { op, value: limit } };
  const turned = numberOf(left);
  return turned === null
    ? { query: formatExpr(left), threshold: null }
    : { query: formatExpr(right), threshold: { op: TURNED[op], value: turned } };
}

function isComparison(op: string): op is ComparisonOperator {
  return op in TURNED;
}

/** The value of an expression that is made of numbers; null for any other. */
function numberOf(expr: Expr): number | null {
  if (expr.kind === 'number') return expr.value;
  if (expr.kind === 'paren') return numberOf(expr.expr);
  if (expr.kind === 'unary') {
    const value = numberOf(expr.expr);
    return value === null || expr.op === '+' ? value : -value;
  }
  if (expr.kind !== 'binary') return null;
  const left = numberOf(expr.left);
  const right = numberOf(expr.right);
  if (left === null || right === null) return null;
  if (expr.op === '*') return left * right;
  if (expr.op === '/') return left / right;
  if (expr.op === '+') return left + right;
  return expr.op === '-' ? left - right : null;
}
