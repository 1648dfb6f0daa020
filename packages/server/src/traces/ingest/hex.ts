import type { SpanRefusal } from '../sink.ts';

/** Where ids lie among the bytes of a span's ids. */
export type HexIds = ReadonlyMap<string, { readonly from: number; readonly to: number }>;

/** Reads an id in hex, upper or lower case, into the bytes from `from` to `to`; empty for none. */
export function readHexId(
  text: string,
  field: string,
  into: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
): SpanRefusal | null {
  if (text === '') return null;
  const digits = (to - from) * 2;
  let valid = text.length === digits;
  for (let i = 0; valid && i < to - from; i++) {
    const high = hexDigit(text.charCodeAt(i * 2));
    const low = hexDigit(text.charCodeAt(i * 2 + 1));
    valid = high >= 0 && low >= 0;
    into[from + i] = high * 16 + low;
  }
  if (valid) return null;
  return {
    reason: 'bad_id',
    message: `${field} ${JSON.stringify(text.slice(0, 40))}, expected ${digits} hex digits`,
  };
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
