/** A decoded result column. Nested arrays are flat data plus offsets (`offsets[i]` = end of row i). */
export type Column =
  | { readonly kind: 'float64'; readonly data: Float64Array }
  | { readonly kind: 'uint32'; readonly data: Uint32Array }
  | { readonly kind: 'uint64'; readonly data: BigUint64Array }
  | { readonly kind: 'int64'; readonly data: BigInt64Array }
  | { readonly kind: 'string'; readonly data: readonly string[] }
  | { readonly kind: 'array'; readonly offsets: Uint32Array; readonly items: Column }
  | { readonly kind: 'map'; readonly offsets: Uint32Array; readonly keys: Column; readonly values: Column };

/** A query's answer as columns. Accessors throw an engine error when the column is missing or of another kind. */
export interface ColumnBlock {
  readonly rows: number;
  readonly names: readonly string[];
  column(name: string): Column;
  /** Any numeric column of at most 53 bits, as numbers. */
  numbers(name: string): Float64Array;
  strings(name: string): readonly string[];
}
