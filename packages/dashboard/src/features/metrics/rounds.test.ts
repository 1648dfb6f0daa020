import { expect, test } from 'vitest';
import type { Matrix } from '../../api/matrix.ts';
import { overNewest } from './rounds.ts';

const at = (start: number, step = 10, steps = 3) => ({ start, end: start + (steps - 1) * step, step });

function answer(grid: ReturnType<typeof at>, ...rows: readonly (readonly number[])[]) {
  const times = Float64Array.from(
    { length: (grid.end - grid.start) / grid.step + 1 },
    (_, i) => grid.start + i * grid.step,
  );
  const matrix: Matrix = {
    times,
    names: rows.map((_, i) => `series ${i}`),
    histograms: 0,
    values: Float64Array.from(rows.flat()),
    figures: new Float64Array(rows.length * 4),
  };
  return { grid, matrix };
}

const shown = (matrix: Matrix | null | undefined) =>
  matrix && { times: [...matrix.times], values: [...matrix.values] };

test('an answer of the round before is drawn with those of this one, without the steps since', () => {
  const late = answer(at(110), [4, 5, 6]);
  const early = answer(at(100), [1, 2, 3], [7, 8, Number.NaN]);
  const [first, second] = overNewest([late, early]);
  expect(first).toBe(late.matrix);
  expect(shown(second)).toEqual({
    times: [110, 120, 130],
    values: [2, 3, Number.NaN, 8, Number.NaN, Number.NaN],
  });
  expect(second?.names).toEqual(['series 0', 'series 1']);
});

test('one from long before has gaps only, and one of fewer steps begins later', () => {
  const [long, , few] = overNewest([
    answer(at(0), [1, 2, 3]),
    answer(at(1000), [4, 5, 6]),
    answer(at(1010, 10, 2), [8, 9]),
  ]);
  expect(shown(long)?.values).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  expect(shown(few)?.values).toEqual([Number.NaN, 8, 9]);
});

test('steps that are none of the others cannot be drawn with them', () => {
  expect(overNewest([answer(at(100, 20), [1, 2, 3]), answer(at(145), [4, 5, 6])])[0]).toBeNull();
  expect(overNewest([answer(at(101), [1, 2, 3]), answer(at(145), [4, 5, 6])])[0]).toBeNull();
  expect(overNewest([])).toEqual([]);
});
