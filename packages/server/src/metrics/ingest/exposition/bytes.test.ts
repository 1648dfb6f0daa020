import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sameText } from './bytes.ts';

const same = (one: Uint8Array, at: number, other: Uint8Array, from: number, length: number): boolean =>
  sameText(
    new DataView(one.buffer, one.byteOffset, one.byteLength),
    at,
    new DataView(other.buffer, other.byteOffset, other.byteLength),
    from,
    length,
  );

/** Text that doubles might mistake: NULs, DEL, and what ends in the bytes of a zero's sign. */
const text = fc
  .array(fc.constantFrom('a', 'b', '\u0000', '\u007f', 'é', '\u{1f600}', '\u0000\u0000\u0000\u0000'), {
    maxLength: 40,
  })
  .map((parts) => Buffer.from(parts.join(''), 'utf8'));

it('finds every difference between texts, wherever they lie', () => {
  fc.assert(
    fc.property(text, fc.nat(9), fc.nat(9), fc.nat(60), fc.nat(255), (bytes, at, from, index, byte) => {
      const other = Buffer.from(bytes);
      const place = (content: Uint8Array, start: number): Uint8Array =>
        Buffer.concat([Buffer.alloc(start, 120), content, Buffer.alloc(3, 121)]);
      expect(same(place(bytes, at), at, place(other, from), from, bytes.length)).toBe(true);
      if (bytes.length === 0) return;
      // One side may be any bytes: what a target sends is no text yet.
      other[index % other.length] = byte;
      expect(same(place(bytes, at), at, place(other, from), from, bytes.length)).toBe(other.equals(bytes));
    }),
  );
});

it('tells minus zero from zero', () => {
  const zeros = new Uint8Array(16);
  const sign = Uint8Array.from(zeros);
  sign[15] = 0x80;
  expect(same(zeros, 0, sign, 0, 16)).toBe(false);
  expect(same(zeros, 0, zeros, 0, 16)).toBe(true);
});
