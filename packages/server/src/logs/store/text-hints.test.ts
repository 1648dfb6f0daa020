import { expect, test } from 'vitest';
import { logsTable } from '../tables.ts';
import { looksRare, textHints, wordHints } from './text-hints.ts';

const texts = (hints: ReturnType<typeof textHints>): string[] => hints.map(({ text }) => text);

test.each([
  ['a text of six characters and more', 'Ord_8F3', ['%ord\\\\_8f3%']],
  ['what LIKE would read otherwise', '100%_\\x', ['%100\\\\%\\\\_\\\\\\\\x%']],
  ['characters, not their halves', '😀😀😀', []],
])('%s', (_, text, patterns) => {
  expect(texts(textHints(text))).toEqual(
    patterns.map((pattern) => `indexHint(lower(toValidUTF8(message)) LIKE '${pattern}')`),
  );
});

test('a short text is known by the words that are whole in it', () => {
  expect(texts(textHints(' eof '))).toEqual(["indexHint(hasToken(lower(message), 'eof'))"]);
  expect(texts(textHints('eof '))).toEqual([]);
  expect(texts(textHints(''))).toEqual([]);
});

test('words, each once, short ones where no other is longer', () => {
  expect(texts(wordHints(['eof', 'timeout', '', 'refused', 'eof']))).toEqual([
    "indexHint(lower(toValidUTF8(message)) LIKE '%timeout%')",
    "indexHint(lower(toValidUTF8(message)) LIKE '%refused%')",
  ]);
  expect(texts(wordHints(['of', 'eof', 'of']))).toEqual([
    "indexHint(hasToken(lower(message), 'eof'))",
    "indexHint(hasToken(lower(message), 'of'))",
  ]);
});

test('the hints say what the indexes are over', () => {
  const expressions = (logsTable.indexes ?? []).map((index) => index.split(' ')[1]);
  expect(expressions).toEqual(expect.arrayContaining(['lower(toValidUTF8(message))', 'lower(message)']));
});

test('tells an id from a word by its looks', () => {
  for (const id of ['ord_ab12cd34ef', '0af7651916cd43dd', 'user 20261122 left'])
    expect(looksRare(id)).toBe(true);
  for (const text of ['', 'timeout', 'NullPointerException', 'HTTP/1.1 500', '2026-11-22T07:00', 'v1.22.333'])
    expect(looksRare(text)).toBe(false);
});
