import { expect, it } from 'vitest';
import { Pacer } from './pacer.ts';

it('all groups share a stretch, and the pause after it', async () => {
  let now = 0;
  let pauses = 0;
  const pacer = new Pacer(
    () => now,
    async () => {
      await Promise.resolve();
      pauses++;
    },
  );
  const work = async (): Promise<void> => {
    for (let rule = 0; rule < 10; rule++) {
      await pacer.pause();
      now += 5;
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  // 200 ms of work; four groups pass at once, so a stretch is 20 ms, or 35 where each began just before its end.
  expect(pauses).toBeGreaterThanOrEqual(6);
  expect(pauses).toBeLessThanOrEqual(11);
});
