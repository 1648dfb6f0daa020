import { expect, it } from 'vitest';
import { ManualClock } from '../../../kernel/clock.ts';
import { type BuiltTrace, Waterfalls } from './waterfalls.ts';

function built(rows: number, warnings: readonly string[] = []): BuiltTrace {
  const row = {
    spanId: '',
    service: '',
    operation: '',
    kind: 0,
    failed: false,
    parent: -1,
    depth: 0,
    children: 0,
    start: 0,
    duration: 0,
    skew: 0,
  };
  return {
    waterfall: {
      traceId: '',
      start: 0n,
      duration: 0,
      orphans: 0,
      cycles: 0,
      errors: 0,
      rows: Array(rows).fill(row),
      path: [],
    },
    warnings,
  };
}

it('keeps a trace for some seconds, until spans of it come, and never one that lacks something', async () => {
  const clock = new ManualClock(0);
  const kept = new Waterfalls(clock);
  let builds = 0;
  let isStale = false;
  const get = (warnings: readonly string[] = []) =>
    kept.get('a', async () => {
      builds++;
      return { built: built(5, warnings), isStale: () => isStale };
    });
  await get(['no engine']);
  await get();
  await get();
  expect(builds).toBe(2);
  isStale = true;
  await get();
  expect(builds).toBe(3);
  isStale = false;
  await get();
  expect(builds).toBe(3);
  await clock.advance(10_000);
  await get();
  expect(builds).toBe(4);
  expect(kept.rows).toBe(5);
});

it('lets the oldest go when there are too many rows, and does not keep what is larger than all it may keep', async () => {
  const kept = new Waterfalls(new ManualClock(0));
  const get = (key: string, rows: number) =>
    kept.get(key, async () => ({ built: built(rows), isStale: () => false }));
  await get('a', 200_000);
  await get('b', 150_000);
  expect(kept.rows).toBe(150_000);
  await get('c', 300_001);
  expect(kept.rows).toBe(150_000);
});
