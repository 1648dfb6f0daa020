import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnappyDecoder, snappyDecode, snappyEncode } from './snappy.ts';

const LIMIT = 1_000_000;
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Bytes with repeats of every distance, so that every kind of copy occurs. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 100 }), fc.nat(300), fc.integer({ min: 1, max: 90 })), {
    maxLength: 40,
  })
  .map((parts) => {
    const bytes: number[] = [];
    for (const [fresh, length, back] of parts) {
      bytes.push(...fresh);
      for (let i = 0; i < length && bytes.length >= back; i++) bytes.push(bytes[bytes.length - back] ?? 0);
    }
    return Uint8Array.from(bytes);
  });

describe('snappy blocks', () => {
  it.each([
    ['empty', '00', ''],
    ['a literal', '03 08 616263', 'abc'],
    ['a copy of one byte offset', '07 08 616263 01 03', 'abcabca'],
    ['a copy of two bytes offset', '06 08 616263 0a 0300', 'abcabc'],
    ['a copy of four bytes offset', '06 08 616263 0b 03000000', 'abcabc'],
    ['a copy that repeats what it writes', '0a 00 61 22 0100', 'aaaaaaaaaa'],
    ['a literal with its length in a byte of its own', `46 f0 45 ${'62'.repeat(70)}`, 'b'.repeat(70)],
  ])('%s', (_name, block, expected) => {
    expect(textOf(snappyDecode(hex(block), LIMIT))).toBe(expected);
  });

  it.each([
    ['nothing at all', ''],
    ['a header without end', 'ffffff'],
    ['a header of six bytes', 'ffffffffff01'],
    ['a length beyond 32 bits', 'ffffffff7f'],
    ['a literal beyond the input', '03 08 6162'],
    ['a literal beyond the length', '02 08 616263'],
    ['a literal whose length is cut off', '46 f0'],
    ['a copy of nothing', '04 01 01'],
    ['a copy with offset 0', '05 00 61 01 00'],
    ['a copy from before the start', '07 08 616263 01 04'],
    ['a copy beyond the length', '04 08 616263 01 03'],
    ['copies cut off', '07 08 616263 01'],
    ['', '07 08 616263 0a 03'],
    ['', '07 08 616263 0b 030000'],
    ['less than its length', '08 08 616263'],
    ['more than its length', '03 08 616263 00 61'],
    ['a length its input cannot reach', '808001 00 61'],
  ])('refuses %s', (_name, block) => {
    expect(() => snappyDecode(hex(block), LIMIT)).toThrow(
      expect.objectContaining({ code: 'wire.malformed' }),
    );
  });

  it('refuses a bomb before it allocates anything', () => {
    expect(() => snappyDecode(hex('ffffffff0f 00 61'), LIMIT)).toThrow(
      expect.objectContaining({ code: 'wire.tooLarge' }),
    );
    expect(() => snappyDecode(hex('808001 00 61'), 10_000)).toThrow(
      'decodes to 16384 bytes, expected at most',
    );
  });

  it('gives back what was encoded, in slices of any size, and stays within its part of a larger buffer', () => {
    fc.assert(
      fc.property(repetitive, fc.integer({ min: 1, max: 200 }), (bytes, slice) => {
        const decoder = new SnappyDecoder(snappyEncode(bytes), LIMIT);
        const memory = new Uint8Array(bytes.length + 32).fill(0xee);
        decoder.into(memory.subarray(16, 16 + bytes.length));
        for (let rounds = 0; !decoder.run(slice); rounds++) expect(rounds).toBeLessThan(bytes.length + 1);
        expect(memory.subarray(16, 16 + bytes.length)).toEqual(bytes);
        expect([...memory.subarray(0, 16), ...memory.subarray(16 + bytes.length)]).toEqual(
          Array.from({ length: 32 }, () => 0xee),
        );
      }),
    );
  });

  it('never fails otherwise and never writes outside, whatever the bytes', () => {
    const damaged = fc
      .tuple(repetitive, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
      .map(([bytes, hits]) => {
        const block = Uint8Array.from(snappyEncode(bytes));
        for (const [at, value] of hits) block[at % block.length] = value;
        return block;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (block) => {
        try {
          const decoder = new SnappyDecoder(block, 100_000);
          const memory = new Uint8Array(decoder.length + 16).fill(0xee);
          try {
            decoder.into(memory.subarray(8, 8 + decoder.length)).run();
          } finally {
            for (let i = 0; i < 8; i++) {
              expect(memory[i]).toBe(0xee);
              expect(memory[memory.length - 1 - i]).toBe(0xee);
            }
          }
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^wire\./) });
        }
      }),
      { numRuns: 500 },
    );
  });
});
