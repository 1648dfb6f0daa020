import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SpareMemory } from './spare-memory.ts';

it('gives memory of the last round again, and never the same twice in one round', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: 1, max: 500_000 }), { maxLength: 6 })), (rounds) => {
      const memory = new SpareMemory({ least: 0, most: 1_000_000 });
      for (const sizes of rounds) {
        const taken = sizes.map((bytes) => memory.take(bytes));
        expect(taken.map(({ length }) => length)).toEqual(sizes);
        expect(new Set(taken.map(({ buffer }) => buffer)).size).toBe(sizes.length);
        memory.release();
        expect(memory.kept).toBeLessThanOrEqual(1_000_000);
      }
      memory.release();
      expect(memory.kept).toBe(0);
    }),
  );
});

it('uses what a round gave back, for a little more too', () => {
  const memory = new SpareMemory({ least: 50_000, most: 1_000_000 });
  const first = memory.take(70_000);
  memory.release();
  expect(memory.take(100_000).buffer).toBe(first.buffer);
  memory.release();
  memory.take(2_000_000);
  memory.release();
  expect(memory.kept).toBe(0);
});

it('keeps nothing of a small round', () => {
  const memory = new SpareMemory({ least: 200_000, most: 1_000_000 });
  memory.take(64 * 1024);
  memory.release();
  expect(memory.kept).toBe(0);
  for (let i = 0; i < 4; i++) memory.take(64 * 1024);
  memory.release();
  expect(memory.kept).toBe(4 * 64 * 1024);
});
