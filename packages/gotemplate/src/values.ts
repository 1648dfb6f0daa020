import { formatGeneral } from '@pharos/promql/vectors';
import { formatGoDuration, GoDuration } from './duration.ts';
import type { GoTime } from './time.ts';
import { formatTime } from './time.ts';

/**
 * A value of a template: Go's int is a bigint, its float64 a number, nil is null, and undefined is what a missing key of
 * a decoded object gives.
 */
export type Value =
  | string
  | bigint
  | number
  | boolean
  | null
  | undefined
  | GoTime
  | GoDuration
  | StringMap
  | GoObject
  | readonly Value[]
  | ReadonlyMap<string, Value>;

/** Go's `map[string]string`: a name it does not have gives the empty text. */
export class StringMap {
  readonly #read: () => ReadonlyMap<string, string>;
  #map: ReadonlyMap<string, string> | undefined;

  /** A function is asked for the map when all of it is first needed. */
  constructor(source: ReadonlyMap<string, string> | (() => ReadonlyMap<string, string>)) {
    this.#read = typeof source === 'function' ? source : () => source;
  }

  get(name: string): string {
    return this.map().get(name) ?? '';
  }

  map(): ReadonlyMap<string, string> {
    this.#map ??= this.#read();
    return this.#map;
  }
}

/** A method of a value; throws a TemplateError for arguments it does not take. */
export type Method = (args: readonly Value[]) => Value;

const NO_METHODS: ReadonlyMap<string, Method> = new Map();

/** A value of a Go type that has a name: a struct with its fields, or another value with methods. */
export class GoObject {
  /** As Go's `%T` prints it, such as `template.Alert`. */
  readonly type: string;
  /** Of a struct, in the order in which they are printed; undefined for anything else. */
  readonly fields: ReadonlyMap<string, Value> | undefined;
  /** What it is besides its methods; undefined for a struct. */
  readonly plain: Value;
  readonly methods: ReadonlyMap<string, Method>;

  private constructor(parts: Pick<GoObject, 'type' | 'fields' | 'plain' | 'methods'>) {
    this.type = parts.type;
    this.fields = parts.fields;
    this.plain = parts.plain;
    this.methods = parts.methods;
  }

  static struct(
    type: string,
    fields: ReadonlyMap<string, Value>,
    methods: ReadonlyMap<string, Method> = NO_METHODS,
  ): GoObject {
    return new GoObject({ type, fields, plain: undefined, methods });
  }

  /** A list, map or scalar with methods. */
  static named(
    type: string,
    plain: Exclude<Value, GoObject>,
    methods: ReadonlyMap<string, Method> = NO_METHODS,
  ): GoObject {
    return new GoObject({ type, fields: undefined, plain, methods });
  }
}

/** The value without its methods; a struct stays. */
export function bare(value: Value): Value {
  return value instanceof GoObject && value.fields === undefined ? value.plain : value;
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isTime(value: Value): value is GoTime {
  return typeof value === 'object' && value !== null && 'ns' in value;
}

/** What `if` takes for true: everything but zero, nil and what is empty. */
export function isTrue(value: Value): boolean {
  const plain = bare(value);
  if (plain === null || plain === undefined || plain === '' || plain === false) return false;
  if (typeof plain === 'bigint') return plain !== 0n;
  if (typeof plain === 'number') return plain !== 0;
  if (isList(plain)) return plain.length > 0;
  if (isMap(plain)) return plain.size > 0;
  if (plain instanceof GoDuration) return plain.nanoseconds !== 0n;
  return plain instanceof StringMap ? plain.map().size > 0 : true;
}

/** The name of a value's type in Go. */
export function typeName(value: Value): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (isList(value)) return '[]interface {}';
  if (isTime(value)) return 'time.Time';
  if (value instanceof GoDuration) return 'time.Duration';
  if (value instanceof GoObject) return value.type;
  return value instanceof StringMap ? 'map[string]string' : 'map[string]interface {}';
}

/** Lists and maps nested deeper than this are cut when printed. */
const MAX_DEPTH = 50;

/** A value as Go's `%v` prints it. */
export function show(value: Value, depth = 0): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return depth === 0 ? '<no value>' : '<nil>';
  if (value === null) return '<nil>';
  if (typeof value === 'number') return formatGeneral(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (depth > MAX_DEPTH) return '...';
  if (isList(value)) return `[${value.map((item) => show(item, depth + 1)).join(' ')}]`;
  if (isTime(value)) return formatTime(value, '2006-01-02 15:04:05.999999999 -0700 MST');
  if (value instanceof GoDuration) return formatGoDuration(value.nanoseconds);
  if (value instanceof GoObject) {
    if (value.fields === undefined) return show(value.plain, depth);
    return `{${[...value.fields.values()].map((field) => show(field, depth + 1)).join(' ')}}`;
  }
  const map: ReadonlyMap<string, Value> = value instanceof StringMap ? value.map() : value;
  const keys = [...map.keys()].sort();
  return `map[${keys.map((key) => `${key}:${show(map.get(key), depth + 1)}`).join(' ')}]`;
}

/** A decoded JSON text as values: objects become maps, so that no key means anything. */
export function fromJson(value: unknown, depth = 0): Value {
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((item: unknown) => fromJson(item, depth + 1));
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([key, item]) => [key, fromJson(item, depth + 1)]));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
