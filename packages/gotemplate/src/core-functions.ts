import type { Arguments, TemplateFunction } from './call.ts';
import { fixed, variadic } from './call.ts';
import { GoDuration } from './duration.ts';
import { sprintf } from './printf.ts';
import { TemplateError } from './template-error.ts';
import type { Value } from './values.ts';
import { bare, fromJson, isList, isMap, isTime, isTrue, StringMap, show, typeName } from './values.ts';

function compare(first: Value, second: Value): number {
  const [left, right] = [bare(first), bare(second)];
  const same =
    (typeof left === 'string' && typeof right === 'string') ||
    (typeof left === 'bigint' && typeof right === 'bigint') ||
    (typeof left === 'number' && typeof right === 'number');
  if (!same) throw new TemplateError('incompatible types for comparison');
  return left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN;
}

function equal(first: Value, second: Value): boolean {
  const [left, right] = [bare(first), bare(second)];
  const missing = (value: Value): boolean => value === null || value === undefined;
  if (missing(left) || missing(right)) return missing(left) && missing(right);
  if (typeof left !== typeof right) throw new TemplateError('incompatible types for comparison');
  if (typeof left !== 'object') return left === right;
  if (isTime(left) && isTime(right)) return left.ns === right.ns;
  if (left instanceof GoDuration && right instanceof GoDuration)
    return left.nanoseconds === right.nanoseconds;
  throw new TemplateError(`uncomparable type ${typeName(left)}`);
}

/** `eq a b c`: whether a is one of the others. */
function isAny(args: Arguments): boolean {
  const [first, ...others] = args.values;
  return others.some((other) => equal(first, other));
}

function ordered(holds: (order: number) => boolean): TemplateFunction {
  return fixed(2, (args) => holds(compare(args.at(0), args.at(1))));
}

/** Go's `fmt.Sprint`: a space between operands of which neither is a text. */
function print(values: readonly Value[]): string {
  let out = '';
  values.forEach((value, index) => {
    const isSpaced = typeof value !== 'string' && typeof values[index - 1] !== 'string';
    out += (index > 0 && isSpaced ? ' ' : '') + show(value);
  });
  return out;
}

function element(container: Value, index: Value): Value {
  const [from, key] = [bare(container), bare(index)];
  if (from instanceof StringMap || isMap(from)) {
    if (typeof key !== 'string') throw new TemplateError(`value has type ${typeName(key)}; should be string`);
    return from.get(key);
  }
  if (!isList(from) && typeof from !== 'string')
    throw new TemplateError(`can't index item of type ${typeName(from)}`);
  if (typeof key !== 'bigint') throw new TemplateError(`cannot index slice/array with type ${typeName(key)}`);
  if (key < 0n || key >= BigInt(from.length)) throw new TemplateError(`index out of range: ${key}`);
  return typeof from === 'string' ? BigInt(from.charCodeAt(Number(key))) : from[Number(key)];
}

function sliceOf(args: Arguments): Value {
  const from = bare(args.at(0));
  if (!isList(from) && typeof from !== 'string')
    throw new TemplateError(`can't slice item of type ${typeName(from)}`);
  const bounds = args.values.slice(1).map((_, index) => args.size(index + 1));
  const [start = 0, end = from.length] = bounds;
  if (start < 0 || end > from.length || start > end)
    throw new TemplateError(`invalid slice index: ${start} > ${end}`);
  return from.slice(start, end);
}

function lengthOf(measured: Value): bigint {
  const value = bare(measured);
  if (typeof value === 'string') return BigInt(new TextEncoder().encode(value).length);
  if (isList(value)) return BigInt(value.length);
  if (value instanceof StringMap) return BigInt(value.map().size);
  if (isMap(value)) return BigInt(value.size);
  throw new TemplateError(`len of type ${typeName(value)}`);
}

const HTML: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&#34;'],
  ["'", '&#39;'],
]);

/** Decodes JSON; what is none decodes to nothing. */
function decode(text: string): Value {
  try {
    return fromJson(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What every Go template has, and decoding. `and` and `or` are the execution's own: they stop early. */
export const CORE_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  and: variadic(1, (args) => args.at(0)),
  or: variadic(1, (args) => args.at(0)),
  not: fixed(1, (args) => !isTrue(args.at(0))),
  eq: variadic(2, isAny),
  ne: fixed(2, (args) => !equal(args.at(0), args.at(1))),
  lt: ordered((order) => order < 0),
  le: ordered((order) => order <= 0),
  gt: ordered((order) => order > 0),
  ge: ordered((order) => order >= 0),
  len: fixed(1, (args) => lengthOf(args.at(0))),
  index: variadic(1, (args) => args.values.slice(1).reduce(element, args.at(0))),
  slice: variadic(1, sliceOf),
  print: variadic(0, (args) => print(args.values)),
  println: variadic(0, (args) => `${args.values.map((value) => show(value)).join(' ')}\n`),
  printf: variadic(1, (args, { budget }) => {
    const text = sprintf(args.text(0), args.values.slice(1));
    budget.chars(text.length);
    return text;
  }),
  html: variadic(0, (args) => print(args.values).replace(/[&<>"']/g, (char) => HTML.get(char) ?? char)),
  urlquery: variadic(0, (args) => encodeQuery(print(args.values))),
  js: variadic(0, (args) =>
    print(args.values).replace(/['"<>&=\\]/g, (char) =>
      /['"\\]/.test(char)
        ? `\\${char}`
        : `\\u00${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    ),
  ),
  fromJson: fixed(1, (args, { budget }) => {
    budget.chars(args.text(0).length);
    return decode(args.text(0));
  }),
  default: variadic(1, (args) => (args.count > 1 && isTrue(args.at(1)) ? args.at(1) : args.at(0))),
};

/** A text for a URL's query: a space is `+`. */
export function encodeQuery(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'))
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
