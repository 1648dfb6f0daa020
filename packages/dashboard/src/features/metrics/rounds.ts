import type { Matrix } from '../../api/matrix.ts';

/** Times of a range query in epoch seconds: from `start` to `end`, both included, `step` apart. */
interface Grid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** What a query answered over its grid. */
export interface GridAnswer {
  readonly grid: Grid;
  readonly matrix: Matrix;
}

/**
 * Answers that are drawn together, each over the newest grid among them. Queries of one page are not always asked at once: one that has just
 * been answered is not asked again with the others, and lacks the steps that have come since. Those are gaps in it; it is not left out.
 */
export function overNewest(answers: readonly GridAnswer[]): readonly (Matrix | null)[] {
  const newest = answers.reduce<Grid | null>(
    (best, { grid }) => (best === null || grid.end > best.end ? grid : best),
    null,
  );
  return answers.map((answer) => (newest === null ? null : moved(answer, newest)));
}

/** The answer over another grid of the same step; null where the steps of one lie between those of the other. */
function moved({ grid, matrix }: GridAnswer, to: Grid): Matrix | null {
  const shift = (to.start - grid.start) / to.step;
  if (grid.step !== to.step || !Number.isInteger(shift)) return null;
  const from = matrix.times.length;
  const steps = Math.round((to.end - to.start) / to.step) + 1;
  if (shift === 0 && from === steps) return matrix;
  const values = new Float64Array(matrix.names.length * steps).fill(Number.NaN);
  const first = Math.max(0, shift);
  const last = Math.min(from, shift + steps);
  if (first < last)
    for (let row = 0; row < matrix.names.length; row++)
      values.set(matrix.values.subarray(row * from + first, row * from + last), row * steps + first - shift);
  return { ...matrix, times: Float64Array.from({ length: steps }, (_, i) => to.start + i * to.step), values };
}
