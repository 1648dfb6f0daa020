import type { Matcher } from '@pharos/promql';
import type { BinaryOperator as PromqlOperator, VectorMatching } from '@pharos/promql/vectors';
import type { AggregationName, RangeFunctionName } from './tokens.ts';

/** A stretch of the query text, in UTF-16 units: `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type LineFilterOperator = '|=' | '!=' | '|~' | '!~' | '|>' | '!>';

/** One alternative of a line filter: a text (substring, regular expression or pattern, as the operator says) or `ip("…")`. */
export interface LineFilterTerm {
  readonly kind: 'text' | 'ip';
  readonly value: string;
}

/** A positive filter keeps a line any of its terms matches, a negative one drops it. */
export interface LineFilter {
  readonly kind: 'line_filter';
  readonly op: LineFilterOperator;
  readonly terms: readonly LineFilterTerm[];
  readonly span: Span;
}

export type ComparisonOperator = '=' | '==' | '!=' | '>' | '>=' | '<' | '<=';

export type LabelFilter =
  | { readonly kind: 'string'; readonly matcher: Matcher }
  | {
      readonly kind: 'number' | 'duration' | 'bytes';
      readonly name: string;
      readonly op: ComparisonOperator;
      /** A number, ns or bytes. */
      readonly value: number;
    }
  | { readonly kind: 'ip'; readonly name: string; readonly op: '=' | '!='; readonly pattern: string }
  | { readonly kind: 'and' | 'or'; readonly left: LabelFilter; readonly right: LabelFilter };

/** `name="expression"`, or a bare `name`, whose expression is the name. */
export interface Extraction {
  readonly name: string;
  readonly expression: string;
}

export type LabelFormat =
  | { readonly kind: 'rename'; readonly name: string; readonly source: string }
  | { readonly kind: 'template'; readonly name: string; readonly template: string };

/** A name of `drop` and `keep`, with or without a condition on its value. */
export interface LabelChoice {
  readonly name: string;
  readonly matcher: Matcher | undefined;
}

export type Stage =
  | LineFilter
  | { readonly kind: 'json'; readonly extractions: readonly Extraction[]; readonly span: Span }
  | {
      readonly kind: 'logfmt';
      readonly strict: boolean;
      readonly keepEmpty: boolean;
      readonly extractions: readonly Extraction[];
      readonly span: Span;
    }
  | { readonly kind: 'regexp'; readonly pattern: string; readonly span: Span }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly span: Span }
  | { readonly kind: 'unpack'; readonly span: Span }
  | { readonly kind: 'label_filter'; readonly filter: LabelFilter; readonly span: Span }
  | { readonly kind: 'line_format'; readonly template: string; readonly span: Span }
  | { readonly kind: 'label_format'; readonly formats: readonly LabelFormat[]; readonly span: Span }
  | { readonly kind: 'decolorize'; readonly span: Span }
  | { readonly kind: 'drop'; readonly choices: readonly LabelChoice[]; readonly span: Span }
  | { readonly kind: 'keep'; readonly choices: readonly LabelChoice[]; readonly span: Span };

export type StageKind = Stage['kind'];

/** `{app="a"} |= "x" | json`: streams and what happens to their lines. */
export interface LogSelector {
  readonly kind: 'log';
  readonly matchers: readonly Matcher[];
  readonly stages: readonly Stage[];
  readonly span: Span;
}

export type UnwrapConversion = 'bytes' | 'duration' | 'duration_seconds';

export interface Unwrap {
  readonly name: string;
  readonly conversion: UnwrapConversion | undefined;
  /** What stands after it; errors of the conversion can be filtered here. */
  readonly filters: readonly LabelFilter[];
}

export interface Grouping {
  readonly without: boolean;
  readonly labels: readonly string[];
}

export interface RangeAggregation {
  readonly kind: 'range';
  readonly func: RangeFunctionName;
  readonly selector: LogSelector;
  readonly unwrap: Unwrap | undefined;
  readonly rangeNs: number;
  /** Positive looks back. */
  readonly offsetNs: number;
  /** The quantile. */
  readonly param: number | undefined;
  readonly grouping: Grouping | undefined;
  readonly span: Span;
}

export interface VectorAggregation {
  readonly kind: 'aggregate';
  readonly op: AggregationName;
  readonly expr: MetricExpr;
  /** The k of `topk` and its like. */
  readonly param: number | undefined;
  readonly grouping: Grouping | undefined;
  readonly span: Span;
}

export interface LabelReplace {
  readonly kind: 'label_replace';
  readonly expr: MetricExpr;
  readonly target: string;
  readonly replacement: string;
  readonly source: string;
  readonly pattern: string;
  readonly span: Span;
}

/** `vector(2)`: one sample without labels. */
export interface VectorLiteral {
  readonly kind: 'vector';
  readonly value: number;
  readonly span: Span;
}

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  readonly span: Span;
}

export type BinaryOperator = Exclude<PromqlOperator, 'atan2' | '</' | '>/'>;

export interface Binary {
  readonly kind: 'binary';
  readonly op: BinaryOperator;
  readonly left: MetricExpr;
  readonly right: MetricExpr;
  readonly returnBool: boolean;
  readonly matching: VectorMatching;
  readonly span: Span;
}

export type MetricExpr =
  | RangeAggregation
  | VectorAggregation
  | LabelReplace
  | VectorLiteral
  | NumberLiteral
  | Binary;

export type Expr = LogSelector | MetricExpr;

/** Whether an expression is a number at each step rather than a vector. */
export function isScalar(expr: MetricExpr): boolean {
  if (expr.kind === 'number') return true;
  return expr.kind === 'binary' && isScalar(expr.left) && isScalar(expr.right);
}

/** The direct sub-expressions. */
export function children(expr: MetricExpr): readonly MetricExpr[] {
  switch (expr.kind) {
    case 'range':
    case 'vector':
    case 'number':
      return [];
    case 'aggregate':
    case 'label_replace':
      return [expr.expr];
    case 'binary':
      return [expr.left, expr.right];
  }
}
