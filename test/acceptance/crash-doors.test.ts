import { expect, it } from 'vitest';
import { doorsStruck } from '../support/door-crash-points.ts';

/** All of the operations are the soak `journal-crash`. */
it('every door of logs and traces keeps what it acknowledged, once, wherever disk, engine or process fail', async () => {
  const { points, wrong } = await doorsStruck(5);
  expect(points).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
}, 180_000);
