import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gramsOf, hasGrams, MOST_WORDS, type Signature, SignatureMaker } from './grams.ts';
import { wordsOf } from './query.ts';
import type { SoughtText } from './texts.ts';

const inText = (text: string): SoughtText => ({ text, isWord: false });
const asWord = (text: string): SoughtText => ({ text, isWord: true });

function signatureOf(lines: readonly Uint8Array[], maker = new SignatureMaker()) {
  for (const line of lines)
    maker.add(Buffer.concat([Buffer.from('x'), line, Buffer.from('y')]), 1, line.length + 1);
  const signature = maker.take();
  return {
    size: signature.words.length,
    holds: (text: string) => mayHold(signature, inText(text)),
    holdsWord: (text: string) => mayHold(signature, asWord(text)),
  };
}

function mayHold({ words }: Signature, text: SoughtText): boolean {
  return hasGrams(words, 0, words.length, gramsOf(text));
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
        const { holds, holdsWord } = signatureOf(texts.map((one) => Buffer.from(one)));
        const chars = Array.from(texts[which % texts.length] ?? '');
        const part = chars.slice(from % chars.length, (from % chars.length) + length).join('');
        expect(holds(part)).toBe(true);
        expect(holds(part.replace(/[a-z]/g, (letter) => letter.toUpperCase()))).toBe(true);
        for (const word of wordsOf(chars.join(''))) expect(holdsWord(word)).toBe(true);
      },
    ),
  );
});

test('bytes that are no text are taken as they are', () => {
  fc.assert(
    fc.property(line, fc.nat(), (bytes, from) => {
      const { holds } = signatureOf([bytes]);
      const piece = bytes.subarray(from % bytes.length);
      if (Buffer.from(piece.toString()).equals(piece)) expect(holds(piece.toString())).toBe(true);
    }),
  );
});

test('a signature is as small as its lines let it be, and used again it knows nothing of those before', () => {
  const maker = new SignatureMaker();
  expect(signatureOf([Buffer.from('order placed')], maker).size).toBe(8);
  const many = Array.from({ length: 500 }, (_, i) =>
    Buffer.from(`order ${(i * 2_654_435_761) % 2 ** 32} placed`),
  );
  const large = signatureOf(many, maker);
  expect(large.size).toBeGreaterThan(128);
  expect(large.holds('2654435761')).toBe(true);
  const next = signatureOf([Buffer.from('checkout refused')], maker);
  expect([next.holds('order placed'), next.holds('refused')]).toEqual([false, true]);
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
  expect(signature.words.length).toBe(MOST_WORDS);
  expect(lines.length).toBeGreaterThan(2000);
  const others = Array.from({ length: 500 }, (_, i) => `ord_${(i * 7_919_777 + 13).toString(36)}zq`);
  expect(others.filter((other) => mayHold(signature, inText(other))).length).toBeLessThan(10);
  // Of digits and the letters a to f, as most ids: eight and seven of them.
  const ids = Array.from({ length: 4000 }, (_, i) =>
    (Math.imul(i + 1, 0x27d4eb2f) >>> 0).toString(16).padStart(8, '7'),
  );
  const among = (some: readonly string[]): number =>
    some.filter((id) => mayHold(signature, inText(id))).length / some.length;
  expect(among(ids)).toBeLessThan(0.03);
  expect(among(ids.map((id) => id.slice(1)))).toBeLessThan(0.06);
});

test('short texts are told by the words that are whole in them', () => {
  expect(gramsOf(inText(' ok '))).toEqual(gramsOf(asWord('ok')));
  expect(gramsOf(inText('(é)'))).toEqual(gramsOf(asWord('é')));
  for (const part of ['eof ', ' eof', 'eof', '', ' ']) expect(gramsOf(inText(part))).toEqual([]);
});

test('five letters are told of, wherever they stand in a word', () => {
  const { holds } = signatureOf([Buffer.from('order ord_8f3a2c91b4 placed')]);
  expect(holds('3A2C9')).toBe(true);
  const others = Array.from({ length: 100 }, (_, i) => `a2c${i + 10}`);
  expect(others.filter(holds).length).toBeLessThan(40);
});
