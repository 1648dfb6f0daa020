import fc from 'fast-check';
import { expect, it } from 'vitest';
import { letterOf, MAX_QUERIES, validateExplorerSearch } from './search.ts';

it('keeps what is valid', () => {
  const search = { q: ['up', 'rate(x[5m])'], off: 'B', view: 'table', stack: true, ex: true, top: 50 };
  expect(validateExplorerSearch(search)).toEqual(search);
  const marked = { mark: 1_795_305_889_123, trace: '5b8efff798038103' };
  expect(validateExplorerSearch(marked)).toEqual(marked);
});

it('takes a lone expression, also one that reads as a number', () => {
  expect(validateExplorerSearch({ q: 'up' })).toEqual({ q: ['up'] });
  expect(validateExplorerSearch({ q: 1 })).toEqual({ q: ['1'] });
});

it('drops what is not valid and never throws', () => {
  expect(
    validateExplorerSearch({
      q: [null, {}],
      off: 'b',
      view: 'x',
      stack: 'yes',
      top: 7,
      mark: -1,
      trace: '<',
    }),
  ).toEqual({});
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('q', 'off', 'view', 'stack', 'top', 'mark', 'trace'), fc.jsonValue()),
      (search) => {
        expect(validateExplorerSearch(search).q?.length ?? 0).toBeLessThanOrEqual(MAX_QUERIES);
      },
    ),
  );
});

it('names queries by letters', () => {
  expect([0, 1, 9].map(letterOf)).toEqual(['A', 'B', 'J']);
});
