import { expect, it } from 'vitest';
import { parseMatrix } from '../../api/matrix.ts';
import { ExplorerRow, sortLegend } from './legend-rows.ts';

const matrix = parseMatrix(
  {
    data: {
      resultType: 'matrix',
      result: [
        { metric: { n: 'none' }, values: [] },
        {
          metric: { n: 'small' },
          values: [
            [0, '1'],
            [2, '3'],
          ],
        },
        { metric: { n: 'big' }, values: [[1, '9']] },
      ],
    },
  },
  { start: 0, end: 2, step: 1 },
)!;
const rows = ['none', 'small', 'big'].map((name, place) => new ExplorerRow(name, matrix, place));

it('reads a series and its figures from the columns, nothing where it has no value', () => {
  const [none, small] = rows;
  expect([small?.last, small?.min, small?.avg, small?.max]).toEqual([3, 1, 2, 3]);
  expect([...(small?.values ?? [])]).toEqual([1, Number.NaN, 3]);
  expect([none?.last, none?.avg]).toEqual([null, null]);
});

it('sorts by a figure, what has none last, or by name', () => {
  expect(sortLegend(rows, 'max').map(({ name }) => name)).toEqual(['big', 'small', 'none']);
  expect(sortLegend(rows, 'name').map(({ name }) => name)).toEqual(['big', 'none', 'small']);
});
