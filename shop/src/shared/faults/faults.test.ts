import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { cpuBurn, deadService, memoryLeak } from './effects.ts';
import type { InjectedFault } from './kinds.ts';
import { FAULT_KIND_NAMES, FAULT_KINDS, faultKind } from './kinds.ts';
import { createFaultState } from './state.ts';

/** A clock that runs only when told, and remembers how long was slept. */
function testClock() {
  const timers: { at: number; every: number | null; run: () => void; cancelled: boolean }[] = [];
  let now = 0;
  const slept: number[] = [];
  const schedule = (delay: number, every: number | null, run: () => void) => {
    const timer = { at: now + delay, every, run, cancelled: false };
    timers.push(timer);
    return { cancel: () => void (timer.cancelled = true) };
  };
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: (delay, run) => schedule(delay, null, run),
    every: (interval, run) => schedule(interval, interval, run),
    sleep: async (ms, signal) => {
      if (signal?.aborted) throw new Error('aborted');
      slept.push(ms);
    },
  };
  const advance = (ms: number): void => {
    const until = now + ms;
    for (;;) {
      const [next] = timers.filter((t) => !t.cancelled && t.at <= until).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      now = next.at;
      if (next.every === null) next.cancelled = true;
      else next.at += next.every;
      next.run();
    }
    now = until;
  };
  return { clock, slept, advance };
}

const fault = (
  id: string,
  kind: InjectedFault['kind'],
  params: InjectedFault['params'] = {},
): InjectedFault => ({
  id,
  kind,
  params,
});
const never = new AbortController().signal;

/** A whole collection, in a turn of its own: what a WeakRef was made of or answered lives to the end of its turn. */
async function collectGarbage(): Promise<void> {
  await new Promise(setImmediate);
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  await new Promise(setImmediate);
}

describe('the faults of a service', () => {
  it('end by themselves when the controller falls silent, and last while it speaks', () => {
    const { clock, advance } = testClock();
    const state = createFaultState({ clock, random: () => 0, effects: {} });
    state.replace([fault('a', 'error_spike')], 10_000);
    advance(8_000);
    state.replace([fault('a', 'error_spike')], 10_000);
    advance(8_000);
    expect(state.active('error_spike')).toHaveLength(1);
    advance(2_000);
    expect(state.all()).toEqual([]);
  });

  it('start once and stop once, whatever is repeated', () => {
    const { clock } = testClock();
    const log: string[] = [];
    const effect = {
      start: ({ id }: InjectedFault) => {
        log.push(`start ${id}`);
        return { stop: () => void log.push(`stop ${id}`) };
      },
    };
    const state = createFaultState({ clock, random: () => 0, effects: { cpu_burn: effect } });
    state.replace([fault('a', 'cpu_burn')], 10_000);
    state.replace([fault('a', 'cpu_burn'), fault('b', 'cpu_burn')], 10_000);
    state.replace([fault('b', 'cpu_burn')], 10_000);
    state.clear();
    expect(log).toEqual(['start a', 'start b', 'stop a', 'stop b']);
  });

  it('delay, hang and fail requests at their rate', async () => {
    const { clock, slept } = testClock();
    let dice = 0;
    const state = createFaultState({ clock, random: () => dice, effects: {} });
    state.replace([fault('a', 'added_latency', { latency_ms: 300, rate: 0.5, jitter_ms: 0 })], 10_000);
    await state.beforeRequest(never);
    dice = 0.5;
    await state.beforeRequest(never);
    expect(slept).toEqual([300]);
    state.replace([fault('b', 'error_spike', { rate: 0.6, status: 503 })], 10_000);
    await expect(state.beforeRequest(never)).rejects.toMatchObject({ code: 'injected', status: 503 });
    dice = 0.6;
    await state.beforeRequest(never);
    state.replace([fault('c', 'timeouts', { rate: 1, hang_ms: 9_000 })], 10_000);
    await expect(state.beforeRequest(never)).rejects.toMatchObject({ code: 'timeout' });
    await expect(state.beforeRequest(AbortSignal.abort())).rejects.toMatchObject({ code: 'timeout' });
    state.replace([fault('d', 'slow_database', { latency_ms: 40 })], 10_000);
    await state.beforeDatabase();
    expect(slept).toEqual([300, 9_000, 40]);
  });
});

describe('effects', () => {
  it('a leak grows to its limit and ends', async () => {
    const { clock, advance } = testClock();
    // What the process holds in all says nothing: it is also what others left and what is collected meanwhile.
    let allocated = 0;
    const blocks: WeakRef<Buffer>[] = [];
    const effect = memoryLeak(clock, (bytes) => {
      allocated += bytes;
      const block = Buffer.alloc(bytes);
      blocks.push(new WeakRef(block));
      return block;
    });
    const leak = effect.start(fault('a', 'memory_leak', { mb_per_second: 2, max_mb: 5 }));
    advance(1_000);
    expect(allocated).toBe(2 * 1_048_576);
    advance(9_000);
    expect(allocated).toBe(5 * 1_048_576);
    await collectGarbage();
    expect(blocks.filter((block) => block.deref() === undefined)).toEqual([]);
    leak.stop();
    advance(10_000);
    expect(allocated).toBe(5 * 1_048_576);
    await collectGarbage();
    expect(blocks.filter((block) => block.deref() !== undefined)).toEqual([]);
  });

  it('a burn is busy for its share of every cycle', () => {
    const { clock, advance } = testClock();
    let looks = 0;
    // Each look at the clock takes a millisecond, so the looks count the busy milliseconds.
    const burn = cpuBurn({ ...clock, monotonic: () => looks++ }).start(
      fault('a', 'cpu_burn', { percent: 10 }),
    );
    advance(1_000);
    expect(looks).toBeGreaterThanOrEqual(100);
    expect(looks).toBeLessThanOrEqual(110);
    burn.stop();
    advance(1_000);
    expect(looks).toBeLessThanOrEqual(110);
  });

  it('a service with two deaths comes back after the second', () => {
    const log: string[] = [];
    const effect = deadService({ goDead: () => log.push('dead'), comeBack: () => log.push('back') });
    const [a, b] = [effect.start(fault('a', 'dead_service')), effect.start(fault('b', 'dead_service'))];
    a.stop();
    a.stop();
    expect(log).toEqual(['dead']);
    b.stop();
    expect(log).toEqual(['dead', 'back']);
  });
});

it('every kind is listed, and its defaults are within its bounds', () => {
  expect(FAULT_KIND_NAMES.toSorted()).toEqual(Object.keys(FAULT_KINDS).toSorted());
  for (const kind of FAULT_KIND_NAMES) {
    for (const { default: value, min, max } of faultKind(kind).params) {
      if (typeof value === 'number')
        expect([kind, (min ?? 0) <= value && value <= (max ?? 0)]).toEqual([kind, true]);
    }
  }
});
