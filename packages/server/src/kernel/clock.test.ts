import { afterEach, describe, expect, it, vi } from 'vitest';
import { ManualClock, systemClock } from './clock.ts';

describe('ManualClock', () => {
  it('runs due timers in order and stands still otherwise', async () => {
    const clock = new ManualClock(1000);
    const seen: string[] = [];
    clock.after(30, () => seen.push(`once@${clock.now()}`));
    clock.every(20, () => seen.push(`tick@${clock.now()}`));
    await clock.advance(10);
    expect(seen).toEqual([]);
    await clock.advance(40);
    expect(seen).toEqual(['tick@1020', 'once@1030', 'tick@1040']);
    expect(clock.now()).toBe(1050);
  });

  it('does not run a cancelled timer', async () => {
    const clock = new ManualClock();
    let ran = false;
    clock
      .after(5, () => {
        ran = true;
      })
      .cancel();
    await clock.advance(10);
    expect(ran).toBe(false);
  });

  it('keeps monotonic time when the wall clock jumps', async () => {
    const clock = new ManualClock(1000);
    clock.jump(-500);
    await clock.advance(10);
    expect([clock.now(), clock.monotonic()]).toEqual([510, 10]);
  });

  it('rejects a sleep with the abort reason', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(100, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('enough');
  });
});

describe('systemClock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('fires what comes every few seconds on whole seconds, other periods as they are', () => {
    vi.useFakeTimers({ now: 1_000_400 });
    const seen: string[] = [];
    const timers = [
      systemClock.every(1000, () => seen.push(`1s@${Date.now()}`)),
      systemClock.every(2000, () => seen.push(`2s@${Date.now()}`)),
      systemClock.every(1500, () => seen.push(`odd@${Date.now()}`)),
    ];
    vi.advanceTimersByTime(2000);
    // The wall clock jumps: the seconds are found again.
    vi.setSystemTime(1_002_900);
    vi.advanceTimersByTime(2200);
    for (const timer of timers) timer.cancel();
    vi.advanceTimersByTime(5000);
    expect(seen).toEqual([
      '1s@1001000',
      'odd@1001900',
      '2s@1002000',
      '1s@1002000',
      '1s@1003500',
      'odd@1003900',
      '2s@1004500',
      '1s@1005000',
    ]);
  });
});
