import { type FixedColumn, type FixedShape, fixedShape, tenantPrefix, tenantText } from './fixed-columns.ts';
import { type NativeBlock, type NativeRows, nativeBlock, type TakeMemory, timesFit } from './native-block.ts';
import type { InsertBlock } from './types.ts';

/** Where the rows of a block lie. */
interface RowShape {
  readonly columns: readonly FixedColumn[];
  /** The tenant that every row begins with. */
  readonly prefix: Uint8Array;
  readonly rowBytes: number;
}

/**
 * Turns a block's rows into columns, which the engine takes as they are: reading rows one by one and checking their times there
 * costs a third of an insert. Null for what is not done here (values of different lengths) and for what is not in order (rows of
 * several tenants, no whole rows, times of another day): the engine then reads the rows itself, and says what is wrong with them.
 */
export function nativeRows(block: InsertBlock, take: TakeMemory = Buffer.allocUnsafe): NativeRows | null {
  const fixed = fixedShape(block.table, block.schemaVersion);
  const prefix = fixed === null ? null : prefixOf(fixed, block);
  const tenant = prefix === null ? null : tenantText(prefix);
  if (fixed === null || prefix === null || tenant === null) return null;
  const { columns } = fixed;
  const shape = { columns, prefix, rowBytes: prefix.length + fixed.rowBytes };
  if (!areWholeRows(block, shape)) return null;
  const native = nativeBlock(columns, block.rows, take);
  if (!fill(native, block, shape) || !timesFit(block, columns, native)) return null;
  return {
    bytes: native.bytes,
    tenant: fixed.tenant ? tenant : null,
    columns: columns.map(({ spec }) => spec),
  };
}

function prefixOf({ tenant }: FixedShape, { payload }: InsertBlock): Uint8Array | null {
  return tenant ? tenantPrefix(payload[0]) : new Uint8Array();
}

function areWholeRows(block: InsertBlock, { rowBytes }: RowShape): boolean {
  const bytes = block.payload.reduce((sum, part) => sum + part.length, 0);
  return bytes === block.rows * rowBytes && block.payload.every((part) => part.length % rowBytes === 0);
}

function haveTenant(part: Uint8Array, prefix: Uint8Array, rowBytes: number): boolean {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  const expected = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const whole = prefix.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const word = expected.getUint32(i);
    for (let at = i; at < part.length; at += rowBytes) if (view.getUint32(at) !== word) return false;
  }
  for (let i = whole; i < prefix.length; i++)
    for (let at = i; at < part.length; at += rowBytes) if (part[at] !== prefix[i]) return false;
  return true;
}

/** False when a row is another tenant's. Part by part, so that each is fetched from memory once for all columns. */
function fill({ view, begins }: NativeBlock, block: InsertBlock, shape: RowShape): boolean {
  const ends = [...begins];
  for (const part of block.payload) {
    if (!haveTenant(part, shape.prefix, shape.rowBytes)) return false;
    for (const [index, column] of shape.columns.entries())
      ends[index] = copyColumn(view, ends[index] ?? 0, part, column, shape);
  }
  return true;
}

/** Where the column's values of this part end. */
function copyColumn(
  target: DataView,
  start: number,
  part: Uint8Array,
  { width, offset }: FixedColumn,
  { prefix, rowBytes }: RowShape,
): number {
  const source = new DataView(part.buffer, part.byteOffset, part.byteLength);
  let at = start;
  const first = prefix.length + offset;
  if (width === 8)
    for (let from = first; from < part.length; from += rowBytes, at += 8) {
      target.setUint32(at, source.getUint32(from, true), true);
      target.setUint32(at + 4, source.getUint32(from + 4, true), true);
    }
  else if (width === 4)
    for (let from = first; from < part.length; from += rowBytes, at += 4)
      target.setUint32(at, source.getUint32(from, true), true);
  else
    for (let from = first; from < part.length; from += rowBytes)
      for (let i = 0; i < width; i++) target.setUint8(at++, source.getUint8(from + i));
  return at;
}
