import process from 'node:process';
import { describe, expect, it } from 'vitest';
import {
  fullDisk,
  struckEverywhere,
  struckTwice,
} from '../../packages/server/src/journal/testing/crash-points.ts';

import { doorsStruck } from '../support/door-crash-points.ts';

const SEEDS = Number(process.env['SOAK_SEEDS'] ?? 10);

/** What the journal's own test does with one workload and at some operations, with many and at all. */
describe('the journal, struck at every operation', () => {
  it(`of ${SEEDS} workloads`, async () => {
    let struck = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { points, wrong } = await struckEverywhere(seed);
      expect({ seed, wrong }).toEqual({ seed, wrong: [] });
      struck += points;
    }
    console.log(`journal-crash: ${struck} points of ${SEEDS} workloads, nothing lost, nothing doubled`);
  });

  it('with what comes through the doors of logs and traces', async () => {
    const { points, wrong } = await doorsStruck(1);
    console.log(`journal-crash: ${points} points below the doors, ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
  });

  it('with a full disk', async () => {
    expect(await fullDisk(1)).toEqual([]);
  });

  it('and struck again while it starts', async () => {
    expect(await struckTwice(9)).toEqual([]);
  });
});
