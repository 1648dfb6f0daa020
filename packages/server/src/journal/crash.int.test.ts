import { describe, expect, it } from 'vitest';
import { fullDisk, struckEverywhere, struckTwice } from './testing/crash-points.ts';

/** More workloads, and the other two at every operation, are the soak `journal-crash`. */
describe('at every write, fsync, rename, link, truncate, unlink, creation and engine commit', () => {
  it('acknowledged rows are stored exactly once, others at most once', async () => {
    const { points, wrong } = await struckEverywhere(1);
    expect(points).toBeGreaterThan(500);
    expect(wrong).toEqual([]);
  }, 180_000);

  it('holds with a full disk instead of a broken one', async () => {
    expect(await fullDisk(4)).toEqual([]);
  }, 180_000);

  it('holds when the restart is struck as well', async () => {
    expect(await struckTwice(36)).toEqual([]);
  }, 180_000);
});
