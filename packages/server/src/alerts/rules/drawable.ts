import { formatExpr as formatLogql, type MetricExpr } from '@pharos/logql';
import { type ComparisonOperator, type Expr, formatExpr } from '@pharos/promql';
import type { RuleExpr } from './definition.ts';

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

/** What of a language's expressions is looked at. */
interface Grammar<E> {
  /** Without parentheses around it. */
  bare(expr: E): E;
  /** Operator and sides; null for what is no operation of two. */
  binary(bare: E): { readonly op: string; readonly left: E; readonly right: E } | null;
  /** The value of what is a number by itself; null for anything else. */
  number(bare: E): number | null;
  format(expr: E): string;
}

const PROMQL: Grammar<Expr> = {
  bare: (expr) => (expr.kind === 'paren' ? PROMQL.bare(expr.expr) : expr),
  binary: (expr) => (expr.kind === 'binary' ? expr : null),
  number: (expr) => {
    if (expr.kind === 'number') return expr.value;
    if (expr.kind !== 'unary') return null;
    const value = numberOf(PROMQL, expr.expr);
    return value === null || expr.op === '+' ? value : -value;
  },
  format: formatExpr,
};

const LOGQL: Grammar<MetricExpr> = {
  bare: (expr) => expr,
  binary: (expr) => (expr.kind === 'binary' ? expr : null),
  number: (expr) => (expr.kind === 'number' ? expr.value : null),
  format: formatLogql,
};

/**
 * The curve and the line of a condition: of `rate(errors[5m]) > 0.05` the rate, and 0.05. Where conditions are joined, those of the first
 * one: its labels are those of the alerts.
 */
export function drawableOf(parsed: RuleExpr): Drawable {
  return parsed.language === 'promql' ? drawn(PROMQL, parsed.expr) : drawn(LOGQL, parsed.expr);
}

function drawn<E>(grammar: Grammar<E>, expr: E): Drawable {
  const bare = grammar.bare(expr);
  const operation = grammar.binary(bare);
  const whole = { query: grammar.format(bare), threshold: null };
  if (operation === null) return whole;
  const { op, left, right } = operation;
  if (op === 'and' || op === 'unless') return drawn(grammar, left);
  if (!isComparison(op)) return whole;
  const limit = numberOf(grammar, right);
  if (limit !== null) return { query: grammar.format(left), threshold: { op, value: limit } };
  const turned = numberOf(grammar, left);
  return turned === null
    ? { query: grammar.format(left), threshold: null }
    : { query: grammar.format(right), threshold: { op: TURNED[op], value: turned } };
}

function isComparison(op: string): op is ComparisonOperator {
  return op in TURNED;
}

/** The value of an expression that is made of numbers; null for any other. */
function numberOf<E>(grammar: Grammar<E>, expr: E): number | null {
  const bare = grammar.bare(expr);
  const operation = grammar.binary(bare);
  if (operation === null) return grammar.number(bare);
  const left = numberOf(grammar, operation.left);
  const right = numberOf(grammar, operation.right);
  if (left === null || right === null) return null;
  const { op } = operation;
  if (op === '*') return left * right;
  if (op === '/') return left / right;
  if (op === '+') return left + right;
  return op === '-' ? left - right : null;
}
