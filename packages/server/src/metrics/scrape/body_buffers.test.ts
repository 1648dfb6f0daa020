import { expect, test } from 'vitest';
import { BodyBuffers } from './body_buffers.ts';

test('a buffer given back serves the next body that fits, at its exact length', () => {
  const buffers = new BodyBuffers();
  const first = buffers.take(10_000);
  expect(first.length).toBe(10_000);
  buffers.give(first);
  const second = buffers.take(9_000);
  expect(second.buffer).toBe(first.buffer);
  expect(second.length).toBe(9_000);
});

test('what is in use is never given to another', () => {
  const buffers = new BodyBuffers();
  const one = buffers.take(100);
  buffers.give(one);
  const taken = [buffers.take(100), buffers.take(100), buffers.take(100)];
  expect(new Set(taken.map((bytes) => bytes.buffer)).size).toBe(3);
});

test('a larger body gets a larger buffer', () => {
  const buffers = new BodyBuffers();
  buffers.give(buffers.take(5_000));
  expect(buffers.take(100_000).length).toBe(100_000);
});

test('few buffers are kept, the largest ones, and none beyond 1 MiB', () => {
  const buffers = new BodyBuffers();
  const sizes = [5_000, 10_000, 20_000, 40_000, 80_000];
  const taken = sizes.map((size) => buffers.take(size));
  for (const bytes of taken) buffers.give(bytes);
  const kept = new Set(taken.slice(1).map((bytes) => bytes.buffer));
  const again = sizes.map(() => buffers.take(5_000).buffer);
  expect(again.filter((buffer) => kept.has(buffer))).toHaveLength(4);
  expect(again).not.toContain(taken[0]?.buffer);
  const huge = buffers.take(1024 * 1024 + 1);
  buffers.give(huge);
  expect(buffers.take(1024 * 1024 + 1).buffer).not.toBe(huge.buffer);
});
