import { expect, it } from 'vitest';
import { legendRow, sortLegend } from './legend-rows.ts';

it('sums a series up over its values, gaps left out', () => {
  expect(legendRow({ name: 'a', values: [null, 4, Number.NaN, 2, null] }, 3)).toEqual({
    name: 'a',
    index: 3,
    last: 2,
    min: 2,
    avg: 3,
    max: 4,
  });
  expect(legendRow({ name: 'b', values: [null] }, 0)).toMatchObject({ last: null, avg: null });
});

it('sorts by a figure, what has none last, or by name', () => {
  const rows = [
    legendRow({ name: 'none', values: [] }, 0),
    legendRow({ name: 'small', values: [1] }, 1),
    legendRow({ name: 'big', values: [9] }, 2),
  ];
  expect(sortLegend(rows, 'max').map(({ name }) => name)).toEqual(['big', 'small', 'none']);
  expect(sortLegend(rows, 'name').map(({ name }) => name)).toEqual(['big', 'none', 'small']);
});
