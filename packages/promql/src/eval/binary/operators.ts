import type { BinaryOperator } from '../../parse/ast.ts';

/** One step of an arithmetic operator; a comparison answers 1 or 0. Set operators are none of its business. */
export type FloatOperator = (left: number, right: number) => number;

type ScalarOperator = Exclude<BinaryOperator, 'and' | 'or' | 'unless'>;

/** Floats cannot be trimmed: whoever meets the operator between two looks at the kinds first. */
const untrimmable: FloatOperator = () => Number.NaN;

const FLOAT_OPERATORS: Readonly<Record<ScalarOperator, FloatOperator>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': power,
  atan2: (left, right) => Math.atan2(left, right),
  '==': (left, right) => (left === right ? 1 : 0),
  '!=': (left, right) => (left !== right ? 1 : 0),
  '>': (left, right) => (left > right ? 1 : 0),
  '<': (left, right) => (left < right ? 1 : 0),
  '>=': (left, right) => (left >= right ? 1 : 0),
  '<=': (left, right) => (left <= right ? 1 : 0),
  '</': untrimmable,
  '>/': untrimmable,
};

/** IEEE pow as Go has it: 1 to any power and (-1) to an infinite one are 1, where JavaScript answers NaN. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && (exponent === Number.POSITIVE_INFINITY || exponent === Number.NEGATIVE_INFINITY))
    return 1;
  return base ** exponent;
}

/** An arithmetic operator over rows of as many steps as the target has, which begin at `from` and at `at`. */
export type RowOperator = (
  target: Float64Array,
  left: Float64Array,
  from: number,
  right: Float64Array,
  at: number,
) => void;

/** The usual ones, each a loop of its own: a number that goes through a call costs more than what is computed. */
const ROW_OPERATORS: Readonly<Partial<Record<BinaryOperator, RowOperator>>> = {
  '+': (target, left, from, right, at) => {
    for (let k = 0; k < target.length; k++) target[k] = left[from + k] + right[at + k];
  },
  '-': (target, left, from, right, at) => {
    for (let k = 0; k < target.length; k++) target[k] = left[from + k] - right[at + k];
  },
  '*': (target, left, from, right, at) => {
    for (let k = 0; k < target.length; k++) target[k] = left[from + k] * right[at + k];
  },
  '/': (target, left, from, right, at) => {
    for (let k = 0; k < target.length; k++) target[k] = left[from + k] / right[at + k];
  },
};

/** Undefined for operators that are computed step by step. */
export function rowOperator(op: BinaryOperator): RowOperator | undefined {
  return ROW_OPERATORS[op];
}

/** What a sibling language defines otherwise. */
export interface Dialect {
  readonly operators: Readonly<Partial<Record<BinaryOperator, FloatOperator>>>;
  /** The text for two series of one signature on the "one" side, which is then refused even where nothing matches it. */
  readonly duplicateSeries: (side: 'left' | 'right') => string;
}

export function floatOperator(op: BinaryOperator, dialect?: Dialect): FloatOperator {
  if (op === 'and' || op === 'or' || op === 'unless') throw new TypeError(`${op} does not work on numbers`);
  return dialect?.operators[op] ?? FLOAT_OPERATORS[op];
}
