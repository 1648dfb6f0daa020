import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentIds } from './recent-ids.ts';

it('knows exactly what was added, through growth', () => {
  const word = fc.oneof(fc.nat(50), fc.nat(), fc.constant(2 ** 32 - 1));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(word, word), { maxLength: 3000 }),
      fc.array(fc.tuple(word, word)),
      (added, asked) => {
        const ids = new RecentIds();
        const model = new Set<string>();
        for (const [low, high] of added) {
          if (low === 0 && high === 0) continue;
          ids.add(low, high);
          model.add(`${low} ${high}`);
        }
        for (const [low, high] of [...added, ...asked])
          if (low !== 0 || high !== 0) expect(ids.has(low, high)).toBe(model.has(`${low} ${high}`));
      },
    ),
    { numRuns: 50 },
  );
});

it('remembers the last half million, and not for ever', () => {
  const ids = new RecentIds();
  for (let i = 1; i <= 1_100_000; i++) ids.add(Math.imul(i, 0x9e3779b1) >>> 0, i);
  const has = (i: number): boolean => ids.has(Math.imul(i, 0x9e3779b1) >>> 0, i);
  expect(has(1)).toBe(false);
  for (const i of [600_001, 1_000_000, 1_100_000]) expect(has(i)).toBe(true);
});
