import { DATE_TIME_64, type FixedColumn } from './fixed-columns.ts';
import type { ColumnSpec } from './tables.ts';
import { END_DAY, type InsertBlock } from './types.ts';

/** A block as columns of the Native format. The tenant is not in the bytes: one of all rows, it is a constant of the statement. */
export interface NativeRows {
  readonly bytes: Uint8Array;
  /** Null when the table has none. */
  readonly tenant: string | null;
  /** The columns in the bytes. */
  readonly columns: readonly ColumnSpec[];
}

/** So many bytes, whatever stands in them. */
export type TakeMemory = (bytes: number) => Buffer;

/** Room for a block, with everything in it but the values. */
export interface NativeBlock {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Where the values of each column begin. */
  readonly begins: readonly number[];
}

const TWO_32 = 2 ** 32;
const DAY_SECONDS = 86_400;

export function nativeBlock(columns: readonly FixedColumn[], rows: number, take: TakeMemory): NativeBlock {
  const heads = columns.map(({ spec }) => Buffer.concat([text(spec.name), text(spec.type)]));
  const start = Buffer.concat([varUint(columns.length), varUint(rows)]);
  const values = columns.reduce((sum, { width }) => sum + width, 0) * rows;
  const bytes = take(heads.reduce((sum, head) => sum + head.length, start.length) + values);
  let at = start.copy(bytes);
  const begins = columns.map(({ width }, index) => {
    const begin = at + (heads[index]?.copy(bytes, at) ?? 0);
    at = begin + rows * width;
    return begin;
  });
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), begins };
}

/** What `timeCheck` of insert.ts has the engine check: times of the block's day, or of 1970 to 2105 where they could be of any. */
export function timesFit(
  block: InsertBlock,
  columns: readonly FixedColumn[],
  { view, begins }: NativeBlock,
): boolean {
  const index = columns.findIndex(({ spec }) => spec.name === block.table.timeColumn);
  const column = columns[index];
  const start = begins[index];
  if (column === undefined || start === undefined) return true;
  const span = spanOf(block, column);
  if (span === null) return true;
  const { width } = column;
  for (let at = start, end = start + block.rows * width; at < end; at += width) {
    // Rows of one time lie together, as those of a scrape do.
    if (at > start && sameTime(view, at, width)) continue;
    const time = timeAt(view, at, width);
    if (time < span.from || time >= span.to) return false;
  }
  return true;
}

/** Whether the row before has this row's time; told by small integers, which unlike times of 64 bits make no garbage. */
function sameTime(view: DataView, at: number, width: number): boolean {
  const before = at - width;
  if (width === 8)
    return (
      view.getInt32(at, true) === view.getInt32(before, true) &&
      view.getInt32(at + 4, true) === view.getInt32(before + 4, true)
    );
  return width === 4
    ? view.getInt32(at, true) === view.getInt32(before, true)
    : view.getInt16(at, true) === view.getInt16(before, true);
}

/** In ticks of the column, without its end; null when any time will do. */
function spanOf(
  { day }: InsertBlock,
  { spec }: FixedColumn,
): { readonly from: number; readonly to: number } | null {
  const scale = DATE_TIME_64.exec(spec.type)?.[1];
  if (scale === undefined && day === undefined) return null;
  const ticks = spec.type === 'Date' ? 1 : DAY_SECONDS * 10 ** Number(scale ?? 0);
  const from = (day ?? 0) * ticks;
  return { from, to: day === undefined ? END_DAY * ticks : from + ticks };
}

function timeAt(view: DataView, at: number, width: number): number {
  if (width === 8) return view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true);
  return width === 4 ? view.getUint32(at, true) : view.getUint16(at, true);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([varUint(bytes.length), bytes]);
}

function varUint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
