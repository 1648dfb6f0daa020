import { expect, it } from 'vitest';
import { legendRow, sortLegend } from './legend-rows.ts';

const row = (name: string, ...figures: readonly number[]) => ({
  name,
  values: [],
  figures: Float64Array.from(figures),
});

it('tells what the worker counted of a series, nothing where it has no value', () => {
  expect(legendRow(row('a', 2, 1, 3, 4), 3)).toEqual({
    name: 'a',
    index: 3,
    last: 2,
    min: 1,
    avg: 3,
    max: 4,
  });
  expect(legendRow(row('b', Number.NaN, Number.NaN, Number.NaN, Number.NaN), 0)).toMatchObject({
    last: null,
    avg: null,
  });
});

it('sorts by a figure, what has none last, or by name', () => {
  const rows = [
    legendRow(row('none'), 0),
    legendRow(row('small', 1, 1, 1, 1), 1),
    legendRow(row('big', 9, 9, 9, 9), 2),
  ];
  expect(sortLegend(rows, 'max').map(({ name }) => name)).toEqual(['big', 'small', 'none']);
  expect(sortLegend(rows, 'name').map(({ name }) => name)).toEqual(['big', 'none', 'small']);
});
