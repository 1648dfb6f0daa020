import { afterEach, expect, it } from 'vitest';
import { openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { RecentlyTold } from './recently-told.ts';
import type { ToldAlert } from './take-over.ts';
import { RulesBench } from './testing/bench.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 1, 12);

const fired: ToldAlert = {
  labels: new Map([
    ['alertname', 'Down'],
    ['job', 'a'],
  ]),
  annotations: new Map(),
  startsAt: START - MINUTE,
  endsAt: Number.MAX_SAFE_INTEGER,
  generatorUrl: 'http://pharos/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
};

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Processes one after the other, the second after so long. */
async function toldAfter(downMs: number, how: 'stop' | 'kill' = 'stop') {
  const state = await openTestState();
  ends.push(() => state.close());
  const process = (at: number, began: boolean) => {
    const clock = new ManualClock(at);
    const told = new RecentlyTold({
      clock,
      log: silentLog,
      state,
      tenant: 'default',
      told: () => [fired],
      haveBegun: () => began,
      toleranceMs: () => HOUR,
    });
    told.start();
    return { clock, told };
  };
  const first = process(START, true);
  expect(first.told.told()).toEqual([fired]);
  await first.clock.advance(3 * HOUR);
  // It is not this process that was away.
  expect(first.told.told()).toEqual([fired]);
  if (how === 'stop') await first.told.stop();
  // One that never evaluated anything did not look either.
  const idle = process(first.clock.now() + downMs / 2, false);
  await idle.clock.advance(2 * MINUTE);
  await idle.told.stop();
  const { told } = process(first.clock.now() + downMs, true);
  return () => told.told();
}

it('is what was told of before a short time away', async () => {
  expect((await toldAfter(50 * MINUTE))()).toEqual([fired]);
  expect((await toldAfter(50 * MINUTE, 'kill'))()).toEqual([fired]);
});

it('counts what a process saw that was killed within its first minute', async () => {
  const state = await openTestState();
  ends.push(() => state.close());
  const begin = (at: number) => {
    const clock = new ManualClock(at);
    const deps = { clock, log: silentLog, state, tenant: 'default', told: () => [fired] };
    const told = new RecentlyTold({ ...deps, haveBegun: () => true, toleranceMs: () => HOUR });
    told.start();
    return { clock, told };
  };
  await begin(START).clock.advance(2 * MINUTE);
  await begin(START + 58 * MINUTE).clock.advance(50_000);
  expect(begin(START + 110 * MINUTE).told.told()).toEqual([fired]);
});

it('is nothing where nobody looked for longer than is tolerated: a rule waits for its `for` then', async () => {
  const told = await toldAfter(2 * HOUR);
  expect(told()).toEqual([]);
  const rules = 'groups: [{name: g, rules: [{alert: Down, expr: up == 0, for: 3m}]}]';
  const bench = await RulesBench.start(
    { 'a.yml': rules },
    {},
    { told: told().map((one) => ({ ...one, isResolved: false })) },
  );
  ends.push(() => bench.close());
  await bench.sample('up', 0, { job: 'a' });
  await bench.pass(2 * MINUTE);
  expect(bench.sent).toEqual([]);
});
