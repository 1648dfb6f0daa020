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

it('hands out payloads again, of the asked length, and keeps the largest of the small ones', () => {
  const buffers = new AppendBuffers();
  const first = buffers.payload(1000);
  buffers.givePayload(first);
  const again = buffers.payload(10);
  expect([again.length, again.buffer === first.buffer]).toEqual([10, true]);
  expect(buffers.payload(10).buffer).not.toBe(first.buffer);
  const huge = buffers.payload(10_000_000);
  buffers.givePayload(huge);
  expect(buffers.payload(10_000_000).buffer).not.toBe(huge.buffer);
  const taken = Array.from({ length: 40 }, (_, i) => buffers.payload(100 + i));
  for (const payload of taken) buffers.givePayload(payload);
  expect(buffers.payload(1).length).toBe(1);
  expect(taken.map(({ buffer }) => buffer).indexOf(buffers.payload(124).buffer)).toBeGreaterThanOrEqual(24);
});
