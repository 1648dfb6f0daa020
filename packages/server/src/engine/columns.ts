import { engineErrors } from './errors.ts';

/** A decoded result column. Nested arrays are flat data plus offsets (`offsets[i]` = end of row i). */
export type Column =
  | { readonly kind: 'float64'; readonly data: Float64Array }
  | { readonly kind: 'uint32'; readonly data: Uint32Array }
  | { readonly kind: 'uint64'; readonly data: BigUint64Array }
  | { readonly kind: 'int64'; readonly data: BigInt64Array }
  | { readonly kind: 'string'; readonly data: readonly string[] }
  /** FixedString: `width` bytes per row. */
  | { readonly kind: 'bytes'; readonly width: number; readonly data: Uint8Array }
  | ArrayColumn
  | MapColumn
  | { readonly kind: 'tuple'; readonly rows: number; readonly items: readonly Column[] }
  /** `nulls[i]` is 1 where row i is NULL; `values` holds a default there. */
  | { readonly kind: 'nullable'; readonly nulls: Uint8Array; readonly values: Column };

interface ArrayColumn {
  readonly kind: 'array';
  readonly offsets: Uint32Array;
  readonly items: Column;
}

interface MapColumn {
  readonly kind: 'map';
  readonly offsets: Uint32Array;
  readonly keys: Column;
  readonly values: Column;
}

/**
 * A query's answer as columns. Accessors throw an engine error when the column is missing or of another kind.
 * An answer without rows has no names and no kinds: the typed accessors then give empty columns, `column` throws.
 */
export interface ColumnBlock {
  readonly rows: number;
  readonly names: readonly string[];
  column(name: string): Column;
  /** Any numeric column of at most 53 bits, as numbers. The result may share the block's memory. */
  numbers(name: string): Float64Array;
  /** UInt64, Int64 or DateTime64. */
  bigints(name: string): BigUint64Array | BigInt64Array;
  strings(name: string): readonly string[];
  array(name: string): ArrayColumn;
  map(name: string): MapColumn;
}

export function columnRows(column: Column): number {
  switch (column.kind) {
    case 'array':
    case 'map':
      return column.offsets.length;
    case 'bytes':
      return column.data.length / column.width;
    case 'tuple':
      return column.rows;
    case 'nullable':
      return column.nulls.length;
    case 'float64':
    case 'uint32':
    case 'uint64':
    case 'int64':
    case 'string':
      return column.data.length;
  }
}

const NO_OFFSETS = new Uint32Array(0);
const NO_ITEMS: Column = { kind: 'float64', data: new Float64Array(0) };

export function createColumnBlock(rows: number, columns: ReadonlyMap<string, Column>): ColumnBlock {
  const names = [...columns.keys()];
  const find = (name: string): Column | null => {
    const column = columns.get(name);
    if (column !== undefined) return column;
    if (rows === 0 && names.length === 0) return null;
    throw engineErrors.make('badQuery', `the answer has no column ${name}; it has ${names.join(', ')}`);
  };
  const wrong = (name: string, column: Column, wanted: string) =>
    engineErrors.make('badQuery', `column ${name} is ${column.kind}; expected ${wanted}`);
  return {
    rows,
    names,
    column(name) {
      const column = find(name);
      if (column === null)
        throw engineErrors.make('badQuery', `an answer without rows has no column ${name}`);
      return column;
    },
    numbers(name) {
      const column = find(name);
      if (column === null) return new Float64Array(0);
      const data = toNumbers(column);
      if (data === null) throw wrong(name, column, 'numbers of at most 53 bits');
      return data;
    },
    bigints(name) {
      const column = find(name);
      if (column === null) return new BigUint64Array(0);
      if (column.kind === 'uint64' || column.kind === 'int64') return column.data;
      throw wrong(name, column, 'uint64 or int64');
    },
    strings(name) {
      const column = find(name);
      if (column === null) return [];
      if (column.kind === 'string') return column.data;
      throw wrong(name, column, 'string');
    },
    array(name) {
      const column = find(name);
      if (column === null) return { kind: 'array', offsets: NO_OFFSETS, items: NO_ITEMS };
      if (column.kind === 'array') return column;
      throw wrong(name, column, 'array');
    },
    map(name) {
      const column = find(name);
      if (column === null) return { kind: 'map', offsets: NO_OFFSETS, keys: NO_ITEMS, values: NO_ITEMS };
      if (column.kind === 'map') return column;
      throw wrong(name, column, 'map');
    },
  };
}

/** Null when the column is not numeric or a value does not fit 53 bits. */
function toNumbers(column: Column): Float64Array | null {
  if (column.kind === 'float64') return column.data;
  if (column.kind === 'uint32') return new Float64Array(column.data);
  if (column.kind !== 'uint64' && column.kind !== 'int64') return null;
  const numbers = new Float64Array(column.data.length);
  for (let i = 0; i < numbers.length; i++) {
    const value = Number(column.data[i]);
    if (!Number.isSafeInteger(value)) return null;
    numbers[i] = value;
  }
  return numbers;
}
