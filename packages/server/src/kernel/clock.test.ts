import { describe, expect, it } from 'vitest';
import { ManualClock } from './clock.ts';

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
