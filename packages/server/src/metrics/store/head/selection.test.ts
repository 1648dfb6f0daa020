import { createMatcher, Labels } from '@pharos/promql';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSeriesHasher, type SeriesHasher } from '../series-key.ts';
import { Head } from './head.ts';

let hasher: SeriesHasher;
beforeAll(async () => {
  hasher = await createSeriesHasher();
});

const makeHead = (): Head =>
  new Head({ hasher, seriesLimit: 1_000, labelBytes: 2 ** 30, budgetBytes: 2 ** 30, windowMs: 1_000 });
const NAMES = [createMatcher('__name__', '=~', 'a|b')];
const ONE = Float64Array.of(1);

const labelsOf = (head: Head): string[] => {
  const set = head.selection('t', NAMES);
  return Array.from({ length: set?.count ?? 0 }, (_, i) => set?.labelsAt(i).toString() ?? '');
};

describe('a selection', () => {
  it('stays the same object until a series it selects comes or any goes', () => {
    const head = makeHead();
    expect(head.selection('t', NAMES)).toBeUndefined();
    const first = head.resolve('t', Labels.fromRecord({ __name__: 'a' }));
    head.insert(first, 1, ONE, 0, 1);
    const set = head.selection('t', NAMES);
    expect(head.selection('t', NAMES)).toBe(set);
    head.resolve('t', Labels.fromRecord({ __name__: 'other' }));
    expect(head.selection('t', NAMES)).toBe(set);
    const second = head.resolve('t', Labels.fromRecord({ __name__: 'b', x: '1' }));
    head.insert(second, 10_000, ONE, 0, 2);
    expect(labelsOf(head)).toEqual(['a', 'b{x="1"}']);
    const third = head.resolve('t', Labels.fromRecord({ __name__: 'a', x: '2' }));
    head.insert(third, 10_000, ONE, 0, 2);
    expect(labelsOf(head)).toEqual(['a', 'a{x="2"}', 'b{x="1"}']);
    head.collect(2, 20_000);
    expect(labelsOf(head)).toEqual(['a{x="2"}', 'b{x="1"}']);
  });

  it('is what matching anew gives, whatever came and went', () => {
    const change = fc.oneof(
      fc.record({ name: fc.constantFrom('a', 'b', 'c'), x: fc.integer({ min: 0, max: 20 }) }),
      fc.constant('collect' as const),
    );
    const x = (op: '=' | '!=' | '=~' | '!~', value: string) => createMatcher('x', op, value);
    const matchers = fc.constantFrom(
      NAMES,
      [createMatcher('__name__', '=', 'a'), x('=', '3')],
      [createMatcher('__name__', '=', 'a'), x('!=', '3')],
      [x('=~', '1|2|3'), createMatcher('__name__', '!~', 'a')],
      [x('=~', '1.*')],
      [x('=', '')],
      [createMatcher('nobody', '=', 'has'), ...NAMES],
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), matchers, (changes, own) => {
        const head = makeHead();
        let time = 0;
        for (const one of changes) {
          time += 100;
          if (one === 'collect') head.collect(time, time);
          else {
            const ref = head.resolve('t', Labels.fromRecord({ __name__: one.name, x: String(one.x) }));
            head.insert(ref, time, ONE, 0, time);
          }
          expect([...(head.selection('t', own)?.refs ?? [])]).toEqual(head.indexOf('t')?.match(own) ?? []);
        }
      }),
    );
  });

  it('tells whether label sets stay distinct without their names', () => {
    const head = makeHead();
    head.resolve('t', Labels.fromRecord({ __name__: 'a', x: '1' }));
    head.resolve('t', Labels.fromRecord({ __name__: 'b', x: '2' }));
    expect(head.selection('t', NAMES)?.distinctNameless).toBe(true);
    head.resolve('t', Labels.fromRecord({ __name__: 'b', x: '1' }));
    expect(head.selection('t', NAMES)?.distinctNameless).toBe(false);
    expect(head.selection('t', [createMatcher('__name__', '=', 'b')])?.distinctNameless).toBe(true);
    head.resolve('t', Labels.fromRecord({ __name__: 'b', x: '1', __unit__: 's' }));
    expect(head.selection('t', [createMatcher('__name__', '=', 'b')])?.distinctNameless).toBe(false);
  });
});
