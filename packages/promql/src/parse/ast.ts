import type { Matcher } from '../matcher.ts';
import type { Span } from '../text/position.ts';
import type { FunctionName } from './signatures.ts';
import type { AggregatorName } from './tokens.ts';

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

/** `@ 123.4`, `@ start()`, `@ end()`; times in ms. */
export type AtModifier =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };

/** A duration written as an expression over the query's own step and range (experimental). Seconds inside. */
export type DurationExpr =
  | { readonly kind: 'literal'; readonly seconds: number; readonly asDuration: boolean }
  | { readonly kind: 'step' }
  | { readonly kind: 'range' }
  | { readonly kind: 'negate'; readonly operand: DurationExpr }
  | { readonly kind: 'group'; readonly operand: DurationExpr }
  | { readonly kind: 'min_of' | 'max_of'; readonly left: DurationExpr; readonly right: DurationExpr }
  | {
      readonly kind: '+' | '-' | '*' | '/' | '%' | '^';
      readonly left: DurationExpr;
      readonly right: DurationExpr;
    };

/** Milliseconds, known when parsed, or an expression that the plan resolves. */
export type Duration = number | DurationExpr;

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  /** Written as a duration (`5m`), to be printed as one. */
  readonly asDuration: boolean;
  readonly span: Span;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly span: Span;
}

export interface TimeModifiers {
  /** Positive looks back. */
  readonly offset: Duration;
  readonly at: AtModifier | undefined;
}

export interface VectorSelector extends TimeModifiers {
  readonly kind: 'vector';
  /** The name outside the braces; it is also among the matchers. */
  readonly name: string;
  readonly matchers: readonly Matcher[];
  /** Interpolated between the neighbouring samples (experimental). */
  readonly smoothed: boolean;
  readonly span: Span;
}

export interface MatrixSelector {
  readonly kind: 'matrix';
  readonly vector: VectorSelector;
  readonly range: Duration;
  /** How the edges of the window are read (experimental). */
  readonly edges: 'plain' | 'anchored' | 'smoothed';
  readonly span: Span;
}

export interface Subquery extends TimeModifiers {
  readonly kind: 'subquery';
  readonly expr: Expr;
  readonly range: Duration;
  /** 0: the engine's default step. */
  readonly step: Duration;
  readonly span: Span;
}

export interface Paren {
  readonly kind: 'paren';
  readonly expr: Expr;
  readonly span: Span;
}

export interface Unary {
  readonly kind: 'unary';
  readonly op: '+' | '-';
  readonly expr: Expr;
  readonly span: Span;
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2';
export type ComparisonOperator = '==' | '!=' | '>' | '<' | '>=' | '<=';
export type SetOperator = 'and' | 'or' | 'unless';
/** Histograms cut at a value: `</` keeps what is below it, `>/` what is above (experimental). */
export type TrimOperator = '</' | '>/';
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator | TrimOperator;

export interface VectorMatching {
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  /** `on(...)` when true, `ignoring(...)` when false. */
  readonly on: boolean;
  readonly labels: readonly string[];
  /** Labels `group_left`/`group_right` take from the one side. */
  readonly include: readonly string[];
  readonly fillLeft: number | undefined;
  readonly fillRight: number | undefined;
}

export interface Binary {
  readonly kind: 'binary';
  readonly op: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
  readonly returnBool: boolean;
  /** Present exactly when both sides are vectors. */
  readonly matching: VectorMatching | undefined;
  readonly span: Span;
}

export interface Call {
  readonly kind: 'call';
  readonly func: FunctionName;
  readonly args: readonly Expr[];
  readonly span: Span;
}

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly op: AggregatorName;
  readonly expr: Expr;
  readonly param: Expr | undefined;
  readonly grouping: readonly string[];
  readonly without: boolean;
  readonly span: Span;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Paren
  | Unary
  | Binary
  | Call
  | Aggregate;

/** The direct sub-expressions, in source order (an aggregation's parameter first). */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'vector':
      return [];
    case 'matrix':
      return [expr.vector];
    case 'subquery':
    case 'paren':
    case 'unary':
      return [expr.expr];
    case 'binary':
      return [expr.left, expr.right];
    case 'call':
      return expr.args;
    case 'aggregate':
      return expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
  }
}

/** Every node, parents before children. */
export function* walk(expr: Expr): Generator<Expr> {
  yield expr;
  for (const child of children(expr)) yield* walk(child);
}

/** The expression inside any number of parentheses. */
export function unwrapParens(expr: Expr): Expr {
  let inner = expr;
  while (inner.kind === 'paren') inner = inner.expr;
  return inner;
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

export function isComparison(op: BinaryOperator): op is ComparisonOperator {
  return COMPARISONS.has(op);
}

export function isTrim(op: BinaryOperator): op is TrimOperator {
  return op === '</' || op === '>/';
}

export function isSetOperator(op: BinaryOperator): op is SetOperator {
  return SET_OPERATORS.has(op);
}
