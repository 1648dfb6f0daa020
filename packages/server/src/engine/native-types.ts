import { engineErrors } from './errors.ts';

/** How a column of a ClickHouse type lies in the Native format. */
export type NativeType =
  /** `bytes` per value, little-endian, read as the named kind. */
  | { readonly kind: 'number'; readonly read: NumberRead }
  | { readonly kind: 'string' }
  | { readonly kind: 'fixed'; readonly width: number }
  | { readonly kind: 'enum'; readonly read: 'int8' | 'int16'; readonly names: ReadonlyMap<number, string> }
  | { readonly kind: 'nullable'; readonly inner: NativeType }
  | { readonly kind: 'array'; readonly inner: NativeType }
  | { readonly kind: 'map'; readonly key: NativeType; readonly value: NativeType }
  | { readonly kind: 'tuple'; readonly items: readonly NativeType[] }
  | { readonly kind: 'lowCardinality'; readonly inner: NativeType; readonly nullable: boolean };

export type NumberRead =
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64';

const NUMBERS: ReadonlyMap<string, NumberRead> = new Map([
  ['UInt8', 'uint8'],
  ['Bool', 'uint8'],
  ['Nothing', 'uint8'],
  ['UInt16', 'uint16'],
  ['Date', 'uint16'],
  ['UInt32', 'uint32'],
  ['DateTime', 'uint32'],
  ['UInt64', 'uint64'],
  ['Int8', 'int8'],
  ['Int16', 'int16'],
  ['Int32', 'int32'],
  ['Date32', 'int32'],
  ['Int64', 'int64'],
  ['DateTime64', 'int64'],
  ['Float32', 'float32'],
  ['Float64', 'float64'],
]);

/** Deeper nesting than any table of ours has; stops a garbled type from exhausting the stack. */
const MAX_DEPTH = 16;

const MAX_FIXED = 65_536;

/** Parses a type name as ClickHouse writes it. An unknown type is a bad query: cast it in the statement. */
export function parseType(text: string, depth = 0): NativeType {
  if (depth > MAX_DEPTH) throw engineErrors.make('undecodable', 'a type is nested too deeply');
  const open = text.indexOf('(');
  const name = open < 0 ? text : text.slice(0, open);
  const inside = open >= 0 && text.endsWith(')') ? text.slice(open + 1, -1) : '';
  const read = NUMBERS.get(name);
  if (read !== undefined) return { kind: 'number', read };
  const inner = (part: string | undefined): NativeType => parseType((part ?? '').trim(), depth + 1);
  switch (name) {
    case 'String':
      return { kind: 'string' };
    case 'FixedString':
      return { kind: 'fixed', width: fixedWidth(inside) };
    case 'Enum8':
      return { kind: 'enum', read: 'int8', names: enumNames(inside) };
    case 'Enum16':
      return { kind: 'enum', read: 'int16', names: enumNames(inside) };
    case 'Nullable':
      return { kind: 'nullable', inner: inner(inside) };
    case 'Array':
      return { kind: 'array', inner: inner(inside) };
    case 'SimpleAggregateFunction':
      return inner(splitArguments(inside)[1]);
    case 'Map': {
      const [key, value] = splitArguments(inside);
      return { kind: 'map', key: inner(key), value: inner(value) };
    }
    case 'Tuple':
      return { kind: 'tuple', items: tupleItems(inside, inner) };
    case 'LowCardinality': {
      const value = inner(inside);
      return value.kind === 'nullable'
        ? { kind: 'lowCardinality', inner: value.inner, nullable: true }
        : { kind: 'lowCardinality', inner: value, nullable: false };
    }
    default:
      throw engineErrors.make(
        'badQuery',
        `type ${JSON.stringify(text.slice(0, 100))} is not decoded; cast it in the statement`,
      );
  }
}

function tupleItems(inside: string, inner: (part: string) => NativeType): NativeType[] {
  const items = splitArguments(inside).map((part) =>
    inner(part.replace(/^\s*(?:`[^`]*`|\w+) (?=[A-Z])/, '')),
  );
  if (items.length === 0) throw engineErrors.make('undecodable', 'a tuple has no elements');
  return items;
}

function fixedWidth(inside: string): number {
  const width = Number(inside);
  if (!Number.isInteger(width) || width < 1 || width > MAX_FIXED)
    throw engineErrors.make('undecodable', 'a FixedString has no width');
  return width;
}

/** Splits at top-level commas; quotes and parentheses protect. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote !== '') {
      if (char === '\\') i++;
      else if (char === quote) quote = '';
    } else if (char === "'" || char === '`') quote = char;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  if (text.trim() !== '') parts.push(text.slice(start));
  return parts;
}

function enumNames(inside: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const part of splitArguments(inside)) {
    const match = /^\s*'((?:[^'\\]|\\.)*)'\s*=\s*(-?\d+)\s*$/s.exec(part);
    if (match === null) throw engineErrors.make('undecodable', 'an Enum does not list its names');
    names.set(Number(match[2]), (match[1] ?? '').replace(/\\(.)/gs, '$1'));
  }
  return names;
}
