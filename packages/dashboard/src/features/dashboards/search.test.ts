import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choicesOf, validateDashboardSearch } from './search.ts';

describe("a dashboard's address", () => {
  it('carries choices and the panel that fills the screen', () => {
    const search = validateDashboardSearch({
      'var-job': ['api', 7],
      'var-one': 'x',
      'var-bad name': 'y',
      panel: 3,
      other: 1,
    });
    expect(search).toEqual({ 'var-job': ['api', '7'], 'var-one': ['x'], panel: '3' });
    expect(choicesOf({ ...search })).toEqual({ job: ['api', '7'], one: ['x'] });
  });

  it('drops whatever makes no sense', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.string(), fc.constant('var-x')), fc.jsonValue()), (search) =>
        Object.values(choicesOf({ ...validateDashboardSearch(search) }))
          .flat()
          .every((value) => typeof value === 'string'),
      ),
    );
  });
});
