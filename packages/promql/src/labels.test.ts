import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLabels, Labels } from './labels.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'a', '__proto__', '\u00ff', 'a\u00ffb'),
);
const pairs = fc.array(
  fc.tuple(
    text.filter((name) => name !== ''),
    text,
  ),
  { maxLength: 5 },
);

describe('Labels', () => {
  it('has equal keys exactly for equal sets, whatever the text', () => {
    fc.assert(
      fc.property(pairs, pairs, (a, b) => {
        const left = Labels.fromPairs(a);
        const right = Labels.fromPairs(b);
        expect(left.key === right.key).toBe(JSON.stringify(left.pairs) === JSON.stringify(right.pairs));
      }),
      { numRuns: 2000 },
    );
    const one = Labels.fromRecord({ a: 'x\u00ffb\u00ffy' });
    const two = Labels.fromRecord({ a: 'x', b: 'y' });
    expect(one.key).not.toBe(two.key);
  });

  it('drops empty values, sorts names and keeps __proto__ an ordinary name', () => {
    const labels = Labels.fromPairs([
      ['b', '1'],
      ['__proto__', 'p'],
      ['a', ''],
    ]);
    expect(labels.pairs).toEqual(['__proto__', 'p', 'b', '1']);
    expect(Object.keys(labels.toRecord())).toEqual(['__proto__', 'b']);
    expect(labels.with('__proto__', '').pairs).toEqual(['b', '1']);
  });

  it('orders pairwise, a prefix first', () => {
    const make = (...flat: string[]) => Labels.fromSortedPairs(flat);
    const sorted = [make('a', '2'), make('a', '1', 'b', '0'), make('b', '0'), make('a', '1')].sort(
      compareLabels,
    );
    expect(sorted.map((labels) => labels.toString())).toEqual([
      '{a="1"}',
      '{a="1", b="0"}',
      '{a="2"}',
      '{b="0"}',
    ]);
  });
});
