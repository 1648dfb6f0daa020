import { expect, it } from 'vitest';
import { AppendBuffers, NO_COLUMNS } from './append-buffers.ts';

it('keeps what was collected as columns grow, and hands out again what was given back', () => {
  const buffers = new AppendBuffers();
  const first = buffers.larger(NO_COLUMNS);
  first.refs.fill(7);
  first.values[3] = 0.5;
  const second = buffers.larger(first);
  expect(second.refs.length).toBe(first.refs.length * 2);
  expect([second.refs[1023], second.refs[1024], second.values[3]]).toEqual([7, 0, 0.5]);
  buffers.give(second);
  buffers.give(NO_COLUMNS);
  expect(buffers.larger(NO_COLUMNS)).toBe(second);
  expect(buffers.larger(NO_COLUMNS)).not.toBe(second);
});
