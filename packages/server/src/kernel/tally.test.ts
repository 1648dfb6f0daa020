import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Observations, Tally } from './tally.ts';

it('counts what was added since somebody looked', () => {
  const tally = new Tally();
  tally.add(2);
  tally.add(3);
  expect([tally.take(), tally.take()]).toEqual([5, 0]);
  tally.add(1);
  expect(tally.take()).toBe(1);
});

it('tells each observation once and in order, however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1500 }), { maxLength: 6 }), (rounds) => {
      const told: number[] = [];
      const observations = new Observations((value) => told.push(value));
      let added = 0;
      for (const round of rounds) {
        for (let i = 0; i < round; i++) observations.add(added++);
        expect(added - told.length).toBeLessThanOrEqual(512);
        observations.tell();
        expect(told.length).toBe(added);
      }
      expect(told.every((value, i) => value === i)).toBe(true);
    }),
    { numRuns: 20 },
  );
});
