import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSchedule, nextSlot, slotMonotonic, slotTime } from './schedule.ts';

const START = Date.UTC(2026, 0, 1) + 123;

it('spreads targets over the seconds of the interval, each at the same one after a restart', () => {
  const counts = Array.from({ length: 15 }, () => 0);
  for (let hash = 0; hash < 15_000; hash += 97) {
    const { wallStart } = createSchedule(15_000, hash, { wall: START, monotonic: 50 });
    const again = createSchedule(15_000, hash, { wall: START + 100_000, monotonic: 9 });
    expect(wallStart % 1000).toBe(0);
    expect(again.wallStart % 15_000).toBe(wallStart % 15_000);
    counts[(wallStart / 1000) % 15]++;
  }
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});

it('begins within one interval, at whole seconds where the interval has them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(), fc.nat(1e9), (interval, hash, wall) => {
      const { wallStart, monotonicStart } = createSchedule(interval, hash, { wall, monotonic: 5 });
      expect(wallStart - wall).toBeGreaterThanOrEqual(0);
      expect(wallStart - wall).toBeLessThan(interval);
      expect(monotonicStart - 5).toBe(wallStart - wall);
      expect((wallStart % interval) % 1000).toBe(0);
    }),
  );
});

it('aligns what is late by less than a twentieth of a short interval', () => {
  const schedule = createSchedule(1000, 0, { wall: START, monotonic: 0 });
  const times = [49, 51].map((late) => {
    const at = slotMonotonic(schedule, 3) + late;
    return slotTime(schedule, 3, { wall: START + at, monotonic: at }).timestamp - schedule.wallStart;
  });
  expect(times).toEqual([3000, 3051]);
});

it.each([
  ['a little early', -4, 0],
  ['late by less than a twentieth of the interval', 90, 0],
  ['late by more', 150, 150],
])('%s: the time of the sample', (_, late, expected) => {
  const schedule = createSchedule(5000, 0, { wall: START, monotonic: 0 });
  const at = slotMonotonic(schedule, 2) + late;
  const now = { wall: START + at, monotonic: at };
  expect(slotTime(schedule, 2, now).timestamp).toBe(schedule.wallStart + 10_000 + expected);
  expect(nextSlot(schedule, at)).toBe(late < 0 ? 2 : 3);
});
