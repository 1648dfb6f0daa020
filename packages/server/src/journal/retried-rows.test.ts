import { describe, expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { RetriedRows } from './retried-rows.ts';
import type { Frame } from './types.ts';

function setup(most = 100) {
  const clock = new ManualClock();
  const taken: number[] = [];
  const disk = { works: true, tries: 0 };
  const rows = new RetriedRows<number>({
    journal: {
      append: (frames) => {
        disk.tries++;
        if (!disk.works) return Promise.reject(new Error('full'));
        taken.push(...frames.flatMap(({ payload }) => [...payload]));
        return Promise.resolve(1);
      },
    },
    clock,
    log: silentLog,
    framesOf: (numbers): Frame[] => [
      {
        table: 't',
        schemaVersion: 1,
        tenant: 'default',
        day: 0,
        rows: numbers.length,
        payload: Uint8Array.from(numbers),
      },
    ],
    what: 'numbers',
    most,
  });
  return { rows, clock, taken, disk };
}

describe('rows that are tried again', () => {
  it('are durable once, in order, as soon as the journal takes them', async () => {
    const { rows, clock, taken, disk } = setup();
    await rows.add([1, 2]);
    disk.works = false;
    await rows.add([3]);
    await rows.add([4, 5]);
    expect(taken).toEqual([1, 2]);
    disk.works = true;
    await clock.advance(5_000);
    expect(taken).toEqual([1, 2, 3, 4, 5]);
    await clock.advance(60_000);
    expect([taken.length, disk.tries]).toEqual([5, 4]);
  });

  it('that fail together are tried again together, by one timer', async () => {
    const { rows, clock, taken, disk } = setup();
    disk.works = false;
    await Promise.all([rows.add([1]), rows.add([2])]);
    expect(disk.tries).toBe(2);
    await clock.advance(5_000);
    expect(disk.tries).toBe(3);
    disk.works = true;
    await clock.advance(5_000);
    expect(new Set(taken)).toEqual(new Set([1, 2]));
  });

  it('are bounded, the newest stay, and nothing is tried after the end', async () => {
    const { rows, clock, taken, disk } = setup(3);
    disk.works = false;
    await rows.add([1, 2, 3, 4, 5]);
    await rows.stop();
    const { tries } = disk;
    await clock.advance(60_000);
    expect(disk.tries).toBe(tries);
    disk.works = true;
    await rows.save();
    expect(taken).toEqual([3, 4, 5]);
  });
});
