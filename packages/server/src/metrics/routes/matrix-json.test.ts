import { type FloatMatrix, type Grid, LabelList, Labels, type QueryStats } from '@pharos/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resultPieces } from './prometheus-json.ts';

const stats: QueryStats = { samplesRead: 0, peakSamples: 0, seriesRead: 0, pushedDown: 0, downsampled: 0 };
const rest = { warnings: [], infos: [], stats };
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', 'a', '\ud800', '\u00fc'));
const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 1.5, Number.NaN, Infinity));

const matrices = fc
  .record({
    steps: fc.integer({ min: 1, max: 6 }),
    lasting: fc.boolean(),
    sets: fc.array(fc.dictionary(text, text, { maxKeys: 3 }), { maxLength: 6 }),
  })
  .chain(({ steps, lasting, sets }) =>
    fc.record({
      steps: fc.constant(steps),
      labels: fc.constant(
        new LabelList(
          sets.map((set) => Labels.fromRecord(set)),
          lasting,
        ),
      ),
      items: fc.subarray(
        sets.map((_, i) => i),
        { minLength: 0 },
      ),
      values: fc.array(value, { minLength: sets.length * steps, maxLength: sets.length * steps }),
      present: fc.array(fc.boolean(), { minLength: sets.length * steps, maxLength: sets.length * steps }),
    }),
  )
  .map(
    ({ steps, labels, items, values, present }): FloatMatrix => ({
      labels,
      steps,
      items: Int32Array.from(items),
      rows: Int32Array.from(items, (_, row) => items.length - 1 - row),
      values: Float64Array.from(values),
      present: Uint8Array.from(present, Number),
    }),
  );

/** The series of a matrix as objects of their own. */
function seriesOf({ labels, items, rows, steps, values, present }: FloatMatrix) {
  return Array.from(items, (item, i) => ({
    labels: labels.sets[item] ?? Labels.EMPTY,
    values: values.subarray(rows[i] * steps, (rows[i] + 1) * steps),
    present: present.subarray(rows[i] * steps, (rows[i] + 1) * steps),
  }));
}

const joined = (pieces: Iterable<string | Buffer>): string =>
  Array.from(pieces, (piece) => piece.toString()).join('');

it('writes the same answer as series by series', () => {
  fc.assert(
    fc.property(matrices, fc.integer({ min: 0, max: 4 }), (matrix, limit) => {
      const grid: Grid = { start: 1_700_000_000_123, step: 15_000, count: matrix.steps };
      const series = seriesOf(matrix);
      const range = { type: 'matrix' as const, grid, series, ...rest };
      const expected = joined(resultPieces(range, limit, undefined));
      for (const _ of [1, 2])
        expect(joined(resultPieces({ ...range, matrix }, limit, undefined))).toBe(expected);
      const samples = series.map(({ labels, values }) => ({ labels, value: values[0] }));
      const instant = { type: 'vector' as const, time: 1_700_000_000_123, samples, ...rest };
      expect(joined(resultPieces({ ...instant, matrix }, limit, undefined))).toBe(
        joined(resultPieces(instant, limit, undefined)),
      );
    }),
  );
});

it('comes in pieces where it is long', () => {
  const steps = 20_000;
  const matrix: FloatMatrix = {
    labels: new LabelList([Labels.EMPTY], false),
    steps,
    items: Int32Array.of(0),
    rows: Int32Array.of(0),
    values: Float64Array.from({ length: steps }, (_, i) => (i >> 1) / 7),
    present: new Uint8Array(steps).fill(1),
  };
  const result = {
    type: 'matrix' as const,
    grid: { start: 0, step: 1, count: steps },
    series: seriesOf(matrix),
    ...rest,
  };
  const pieces = [...resultPieces({ ...result, matrix }, 0, undefined)];
  expect(pieces.length).toBeGreaterThan(4);
  expect(joined(pieces)).toBe(joined(resultPieces(result, 0, undefined)));
});
