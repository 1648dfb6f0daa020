import type { Column } from './columns.ts';
import { engineErrors } from './errors.ts';

function broken(what: string) {
  return engineErrors.make('undecodable', `the engine's answer is not Native: ${what}`);
}

/** The dictionary's values at the indexes; strings are shared, not copied. */
export function gather(keys: Column, index: Uint32Array): Column {
  switch (keys.kind) {
    case 'string':
      return { kind: 'string', data: Array.from(index, (at) => keys.data[at] ?? '') };
    case 'uint32':
      return { kind: 'uint32', data: Uint32Array.from(index, (at) => keys.data[at] ?? 0) };
    case 'float64':
      return { kind: 'float64', data: Float64Array.from(index, (at) => keys.data[at] ?? 0) };
    case 'uint64':
      return { kind: 'uint64', data: BigUint64Array.from(index, (at) => keys.data[at] ?? 0n) };
    case 'int64':
      return { kind: 'int64', data: BigInt64Array.from(index, (at) => keys.data[at] ?? 0n) };
    case 'bytes': {
      const { width } = keys;
      const data = new Uint8Array(index.length * width);
      index.forEach((at, i) => data.set(keys.data.subarray(at * width, (at + 1) * width), i * width));
      return { kind: 'bytes', width, data };
    }
    case 'array':
    case 'map':
    case 'tuple':
    case 'nullable':
      throw broken('LowCardinality of a compound type');
  }
}

/** The same column of several blocks, one after the other. */
export function concat(columns: readonly Column[]): Column {
  const [first] = columns;
  if (first === undefined) throw broken('a column has no data');
  if (columns.length === 1)
    return first.kind === 'bytes' ? { ...first, data: new Uint8Array(first.data) } : first;
  switch (first.kind) {
    case 'float64':
      return { kind: 'float64', data: joined(same(columns, 'float64'), (n) => new Float64Array(n)) };
    case 'uint32':
      return { kind: 'uint32', data: joined(same(columns, 'uint32'), (n) => new Uint32Array(n)) };
    case 'uint64':
      return { kind: 'uint64', data: joined(same(columns, 'uint64'), (n) => new BigUint64Array(n)) };
    case 'int64':
      return { kind: 'int64', data: joined(same(columns, 'int64'), (n) => new BigInt64Array(n)) };
    case 'bytes':
      return {
        kind: 'bytes',
        width: first.width,
        data: joined(same(columns, 'bytes'), (n) => new Uint8Array(n)),
      };
    case 'string':
      return { kind: 'string', data: same(columns, 'string').flatMap((column) => column.data) };
    case 'array': {
      const parts = same(columns, 'array');
      return { kind: 'array', offsets: joinOffsets(parts), items: concat(parts.map((part) => part.items)) };
    }
    case 'map': {
      const parts = same(columns, 'map');
      return {
        kind: 'map',
        offsets: joinOffsets(parts),
        keys: concat(parts.map((part) => part.keys)),
        values: concat(parts.map((part) => part.values)),
      };
    }
    case 'tuple': {
      const parts = same(columns, 'tuple');
      return {
        kind: 'tuple',
        rows: parts.reduce((sum, part) => sum + part.rows, 0),
        items: first.items.map((_, i) => concat(parts.flatMap((part) => part.items[i] ?? []))),
      };
    }
    case 'nullable': {
      const parts = same(columns, 'nullable');
      const nulls = Uint8Array.from(parts.flatMap((part) => [...part.nulls]));
      return { kind: 'nullable', nulls, values: concat(parts.map((part) => part.values)) };
    }
  }
}

function same<K extends Column['kind']>(columns: readonly Column[], kind: K): Extract<Column, { kind: K }>[] {
  const parts = columns.filter((column): column is Extract<Column, { kind: K }> => column.kind === kind);
  if (parts.length !== columns.length) throw broken('blocks have different types');
  return parts;
}

interface Numbers<A> {
  readonly length: number;
  set(values: A, at: number): void;
}

function joined<A extends Numbers<A>>(
  parts: readonly { readonly data: A }[],
  create: (size: number) => A,
): A {
  const whole = create(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const { data } of parts) {
    whole.set(data, at);
    at += data.length;
  }
  return whole;
}

function joinOffsets(parts: readonly { readonly offsets: Uint32Array }[]): Uint32Array {
  const whole = new Uint32Array(parts.reduce((sum, part) => sum + part.offsets.length, 0));
  let at = 0;
  let base = 0;
  for (const { offsets } of parts) {
    for (const end of offsets) whole[at++] = base + end;
    base += offsets.at(-1) ?? 0;
  }
  return whole;
}
