import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  byteOf,
  MOST_SLICES,
  maskOf,
  NEWER_SLOTS,
  OLDER,
  type Signature,
  SignatureMaker,
  SLICE_BYTES,
  slotOf,
  textBits,
  wordBits,
} from './grams.ts';
import { wordsOf } from './query.ts';

function signatureOf(lines: readonly Uint8Array[], maker = new SignatureMaker()) {
  for (const line of lines)
    maker.add(Buffer.concat([Buffer.from('x'), line, Buffer.from('y')]), 1, line.length + 1);
  const signature = maker.take();
  return {
    slices: signature.slices,
    holds: (bits: readonly number[]) => bits.every((bit) => isSet(signature, bit)),
  };
}

/** Those of the earlier kind, which nothing makes any more, are taken for set. */
function isSet({ slices, bytes }: Signature, bit: number): boolean {
  const own = bit % (slices * SLICE_BYTES * 8);
  return bit >= OLDER || ((bytes[own >>> 3] ?? 0) & (1 << (own & 7))) !== 0;
}

// No capitals beyond ASCII: whoever asks for words has them in lower case already.
const alphabet = ['a', 'B', 'c', '0', '7', ' ', '_', '.', 'é', 'ß', '😀', '\ufffd', '\n', '\0'];
const text = fc
  .array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''));
/** Bytes that begin, go on or end characters where they should not. */
const broken = fc.constantFrom([0xe2], [0xf0, 0x9f], [0x80, 0x80], [0xff], []);
const line = fc
  .array(fc.tuple(text, broken), { minLength: 1, maxLength: 4 })
  .map((parts) => Buffer.concat(parts.flatMap(([good, bad]) => [Buffer.from(good), Buffer.from(bad)])));

test('a signature holds every part of its lines, and every word, in any case of ASCII', () => {
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 20 }),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 14 }),
      (texts, which, from, length) => {
        const { holds } = signatureOf(texts.map((one) => Buffer.from(one)));
        const chars = Array.from(texts[which % texts.length] ?? '');
        const part = chars.slice(from % chars.length, (from % chars.length) + length).join('');
        expect(holds(textBits(part))).toBe(true);
        expect(holds(textBits(part.replace(/[a-z]/g, (letter) => letter.toUpperCase())))).toBe(true);
        for (const word of wordsOf(chars.join(''))) expect(holds(wordBits(word))).toBe(true);
      },
    ),
  );
});

test('bytes that are no text are taken as they are', () => {
  fc.assert(
    fc.property(line, fc.nat(), (bytes, from) => {
      const { holds } = signatureOf([bytes]);
      const piece = bytes.subarray(from % bytes.length);
      if (Buffer.from(piece.toString()).equals(piece)) expect(holds(textBits(piece.toString()))).toBe(true);
    }),
  );
});

test('a signature is as small as its lines let it be, and used again it knows nothing of those before', () => {
  const maker = new SignatureMaker();
  expect(signatureOf([Buffer.from('order placed')], maker).slices).toBe(1);
  const many = Array.from({ length: 2000 }, (_, i) =>
    Buffer.from(`order ${(i * 2_654_435_761) % 2 ** 32} placed`),
  );
  const large = signatureOf(many, maker);
  expect(large.slices).toBeGreaterThan(8);
  expect(large.holds(textBits('2654435761'))).toBe(true);
  const next = signatureOf([Buffer.from('checkout refused')], maker);
  expect([next.holds(textBits('order placed')), next.holds(textBits('refused'))]).toEqual([false, true]);
});

test('few texts are found in a signature that is full and does not hold them', () => {
  const maker = new SignatureMaker();
  const lines: Buffer[] = [];
  for (let i = 0; !maker.isFull; i++) {
    const made = Buffer.from(
      `id=${((i * 2_654_435_761) % 2 ** 32).toString(16)}-${(i * 40_503) % 65_536} took ${i} ms`,
    );
    maker.add(made, 0, made.length);
    lines.push(made);
  }
  const signature = maker.take();
  expect(signature.slices).toBe(MOST_SLICES);
  expect(lines.length).toBeGreaterThan(5000);
  const others = Array.from({ length: 500 }, (_, i) => `ord_${(i * 7_919_777 + 13).toString(36)}zq`);
  const mistaken = others.filter((other) => textBits(other).every((bit) => isSet(signature, bit)));
  expect(mistaken.length).toBeLessThan(25);
});

test('short texts are told by the words that are whole in them', () => {
  expect(textBits(' ok ')).toEqual(wordBits('ok'));
  expect(textBits('(é)')).toEqual(wordBits('é'));
  for (const part of ['eof ', ' eof', 'eof', '', ' ']) expect(textBits(part)).toEqual([]);
});

test('a text has bits of both kinds, where both can tell of it', () => {
  const kinds = (bits: readonly number[]) => [
    bits.filter((bit) => bit < OLDER).length,
    bits.filter((bit) => bit >= OLDER).length,
  ];
  expect(kinds(textBits('8f3a2c91'))).toEqual([4, 3]);
  expect(kinds(textBits('8f3a2'))).toEqual([1, 0]);
  expect(kinds(textBits('8f3a'))).toEqual([0, 0]);
  expect(kinds(wordBits('8f3a2'))).toEqual([1, 1]);
  expect(kinds(wordBits('8f3a'))).toEqual([1, 1]);
});

test('five letters are told of, wherever they stand in a word', () => {
  const { holds } = signatureOf([Buffer.from('order ord_8f3a2c91b4 placed')]);
  expect([holds(textBits('3A2C9')), holds(textBits('3a2c8'))]).toEqual([true, false]);
});

test('a slot tells the kind and size of its signature, and which slice of it', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 2 ** 19 - 1 }),
      fc.integer({ min: 0, max: 9 }),
      fc.boolean(),
      (bit, power, isOlder) => {
        const own = bit + (isOlder ? OLDER : 0);
        const slot = slotOf(own, 2 ** power) - (isOlder ? 0 : NEWER_SLOTS);
        expect(Math.floor(Math.log2(slot))).toBe(power);
        expect((slot - 2 ** power) * SLICE_BYTES * 8 + byteOf(own) * 8 + Math.log2(maskOf(own))).toBe(
          bit % (2 ** power * SLICE_BYTES * 8),
        );
      },
    ),
  );
});
