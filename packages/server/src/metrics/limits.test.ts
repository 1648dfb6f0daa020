import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { overCeiling } from './limits.ts';

const CEILINGS = { labels: 3, nameLength: 10, valueLength: 20 };
const of = (labels: Record<string, string>) =>
  overCeiling(Labels.fromMap(new Map(Object.entries({ __name__: 'm', ...labels }))), CEILINGS);

describe('overCeiling', () => {
  it.each([
    ['at every limit', { aaaaaaaaaa: 'v'.repeat(20), b: '' }, null],
    ['one label more', { a: '1', b: '1', c: '1' }, 'm has 4 labels, expected at most 3'],
    [
      'a longer name',
      { aaaaaaaaaaa: '1' },
      'label name "aaaaaaaaaaa" of m has 11 bytes, expected at most 10',
    ],
    ['a longer value', { a: 'v'.repeat(21) }, 'label "a" of m has a value of 21 bytes, expected at most 20'],
    [
      'more bytes than characters',
      { a: 'ä'.repeat(11) },
      'label "a" of m has a value of 22 bytes, expected at most 20',
    ],
  ])('%s', (_, labels, message) => expect(of(labels)?.message ?? null).toBe(message));

  it('shows no more than the beginning of a name', () => {
    expect(of({ ['x'.repeat(100_000)]: '1' })?.message.length).toBeLessThan(200);
  });
});
