import { isObject, type JsonValue, numberOf } from '../event.ts';
import type { Baseline } from '../history/baseline.ts';
import { zScoreOf } from '../history/baseline.ts';

/** A function of the expression language. Anything may come in; what makes no sense gives null. */
interface ExpressionFunction {
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number];
  readonly about: string;
  apply(args: readonly JsonValue[], baseline: Baseline): JsonValue;
}

const first = (args: readonly JsonValue[]): JsonValue => args[0] ?? null;

function numeric(args: readonly JsonValue[], of: (...numbers: number[]) => number): JsonValue {
  const numbers = args.filter((arg) => typeof arg === 'number');
  return numbers.length === args.length ? finite(of(...numbers)) : null;
}

/** Numbers beyond JSON's are no values. */
export function finite(value: number): JsonValue {
  return Number.isFinite(value) ? value : null;
}

/** All functions, by name. */
export const FUNCTIONS: ReadonlyMap<string, ExpressionFunction> = new Map<string, ExpressionFunction>([
  [
    'exists',
    {
      arity: [1, 1],
      about: 'whether the value is there and not null',
      apply: (args) => first(args) !== null,
    },
  ],
  [
    'len',
    { arity: [1, 1], about: 'characters of a text, items of a list, members of an object', apply: len },
  ],
  [
    'lower',
    {
      arity: [1, 1],
      about: 'a text in lower case',
      apply: (args) => cased(args, (text) => text.toLowerCase()),
    },
  ],
  [
    'upper',
    {
      arity: [1, 1],
      about: 'a text in upper case',
      apply: (args) => cased(args, (text) => text.toUpperCase()),
    },
  ],
  [
    'number',
    { arity: [1, 1], about: 'a number, also from a text', apply: (args) => numberOf(first(args)) ?? null },
  ],
  ['abs', { arity: [1, 1], about: 'without its sign', apply: (args) => numeric(args, Math.abs) }],
  ['min', { arity: [1, 8], about: 'the least of numbers', apply: (args) => numeric(args, Math.min) }],
  ['max', { arity: [1, 8], about: 'the greatest of numbers', apply: (args) => numeric(args, Math.max) }],
  [
    'type',
    {
      arity: [1, 1],
      about: 'null, boolean, number, string, list or object',
      apply: (args) => typeOf(first(args)),
    },
  ],
  [
    'zscore',
    {
      arity: [1, 1],
      about: "how many standard deviations a field of data lies from its source's history, by its name",
      apply: (args, baseline) => {
        const index = baseline.names.findIndex((name) => name === first(args));
        return index < 0 || baseline.counts[index] < 2 ? null : finite(zScoreOf(baseline, index));
      },
    },
  ],
]);

function len(args: readonly JsonValue[]): JsonValue {
  const value = first(args);
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : null;
}

function cased(args: readonly JsonValue[], of: (text: string) => string): JsonValue {
  const value = first(args);
  return typeof value === 'string' ? of(value) : null;
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'object' : typeof value;
}
