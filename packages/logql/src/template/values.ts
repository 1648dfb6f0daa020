import { formatGeneral } from '@pharos/promql/vectors';
import type { Entry } from '../pipeline/entry.ts';
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
  | LabelData
  | readonly Value[]
  | ReadonlyMap<string, Value>;

/** The labels of an entry as a template sees them. */
export class LabelData {
  readonly #entry: Entry | undefined;
  #map: ReadonlyMap<string, string> | undefined;

  constructor(source: Entry | ReadonlyMap<string, string>) {
    if (source instanceof Map) this.#map = source;
    else this.#entry = source as Entry; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the other of two
  }

  get(name: string): string {
    if (this.#map !== undefined) return this.#map.get(name) ?? '';
    if (name.startsWith('__error')) return this.map().get(name) ?? '';
    return this.#entry?.get(name) ?? '';
  }

  /** All labels, errors among them, sorted by name. */
  map(): ReadonlyMap<string, string> {
    this.#map ??= this.#entry?.labels().toMap() ?? new Map<string, string>();
    return this.#map;
  }
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
  if (value === null || value === undefined || value === '' || value === false) return false;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value === 'number') return value !== 0;
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  return value instanceof LabelData ? value.map().size > 0 : true;
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
  return value instanceof LabelData ? 'map[string]string' : 'map[string]interface {}';
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
  const map: ReadonlyMap<string, Value> = value instanceof LabelData ? value.map() : value;
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
