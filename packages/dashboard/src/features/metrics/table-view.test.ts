import { expect, it } from 'vitest';
import type { Vector } from '../../api/vector.ts';
import { orderRows } from './table-view.tsx';

const vector: Vector = {
  type: 'vector',
  times: [1, 1, 1, 1],
  names: ['b', 'a', 'inf', 'nan'],
  labels: ['{}', '{}', '{}', '{}'],
  values: ['2', '10', '+Inf', 'NaN'],
  samples: [1, 1, 1, 1],
  histograms: new Map(),
};

it('keeps the order of the answer until another is asked for', () => {
  expect(orderRows(vector, '', 'given')).toEqual([0, 1, 2, 3]);
  expect(orderRows(vector, '', 'value')).toEqual([2, 1, 0, 3]);
  expect(orderRows(vector, '', 'name')).toEqual([1, 0, 2, 3]);
});

it('finds rows by a part of their name', () => {
  expect(orderRows(vector, ' A', 'given')).toEqual([1, 3]);
});
