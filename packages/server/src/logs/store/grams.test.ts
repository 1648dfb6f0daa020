import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  GramFilter,
  isSet,
  MOST_SLICES,
  SLICE_BYTES,
  slicesOf,
  slotOf,
  textPlaces,
  wordPlaces,
} from './grams.ts';
import { wordsOf } from './query.ts';

function setOf(lines: readonly Uint8Array[], filter = new GramFilter()) {
  for (const line of lines)
    filter.add(Buffer.concat([Buffer.from('x'), line, Buffer.from('y')]), 1, line.length + 1);
  const { slices, bytes } = filter.take();
  return {
    slices,
    holds: (places: readonly number[]) =>
      places.every((place) => isSet(bytes, (slotOf(place, slices) - slices) * SLICE_BYTES, place)),
  };
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

test('a set holds every part of its lines, and every word, in any case of ASCII', () => {
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 20 }),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 14 }),
      (texts, which, from, length) => {
        const { holds } = setOf(texts.map((one) => Buffer.from(one)));
        const chars = Array.from(texts[which % texts.length] ?? '');
        const part = chars.slice(from % chars.length, (from % chars.length) + length).join('');
        expect(holds(textPlaces(part))).toBe(true);
        expect(holds(textPlaces(part.replace(/[a-z]/g, (letter) => letter.toUpperCase())))).toBe(true);
        for (const word of wordsOf(chars.join(''))) expect(holds(wordPlaces(word))).toBe(true);
      },
    ),
  );
});

test('bytes that are no text are taken as they are', () => {
  fc.assert(
    fc.property(line, fc.nat(), (bytes, from) => {
      const { holds } = setOf([bytes]);
      const piece = bytes.subarray(from % bytes.length);
      if (Buffer.from(piece.toString()).equals(piece)) expect(holds(textPlaces(piece.toString()))).toBe(true);
    }),
  );
});

test('a set is as small as its lines let it be, and used again it knows nothing of those before', () => {
  const filter = new GramFilter();
  expect(setOf([Buffer.from('order placed')], filter).slices).toBe(1);
  const many = Array.from({ length: 2000 }, (_, i) =>
    Buffer.from(`order ${(i * 2_654_435_761) % 2 ** 32} placed`),
  );
  const large = setOf(many, filter);
  expect(large.slices).toBeGreaterThan(8);
  expect(large.holds(textPlaces('2654435761'))).toBe(true);
  const next = setOf([Buffer.from('checkout refused')], filter);
  expect([next.holds(textPlaces('order placed')), next.holds(textPlaces('refused'))]).toEqual([false, true]);
});

test('few texts are found in a set that is full and does not hold them', () => {
  const filter = new GramFilter();
  const lines: Buffer[] = [];
  for (let i = 0; !filter.isFull; i++) {
    const made = Buffer.from(
      `id=${((i * 2_654_435_761) % 2 ** 32).toString(16)}-${(i * 40_503) % 65_536} took ${i} ms`,
    );
    filter.add(made, 0, made.length);
    lines.push(made);
  }
  const { slices, bytes } = filter.take();
  expect(slices).toBe(MOST_SLICES);
  expect(lines.length).toBeGreaterThan(5000);
  const isIn = (place: number): boolean =>
    isSet(bytes, (slotOf(place, slices) - slices) * SLICE_BYTES, place);
  const others = Array.from({ length: 500 }, (_, i) => `ord_${(i * 7_919_777 + 13).toString(36)}zq`);
  const mistaken = others.filter((other) => textPlaces(other).every(isIn));
  expect(mistaken.length).toBeLessThan(25);
});

test('short texts are told by the words that are whole in them', () => {
  expect(textPlaces(' eof ')).toEqual(wordPlaces('eof'));
  expect(textPlaces('(é1)')).toEqual(wordPlaces('é1'));
  for (const part of ['eof ', ' eof', 'eof', '', ' ']) expect(textPlaces(part)).toEqual([]);
});

test('a slot tells the size of its set, and which slice of it', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 19 - 1 }), fc.integer({ min: 0, max: 9 }), (place, power) => {
      const slot = slotOf(place, 2 ** power);
      expect(slicesOf(slot)).toBe(2 ** power);
      expect(slot).toBeLessThan(2 ** (power + 1));
    }),
  );
});
