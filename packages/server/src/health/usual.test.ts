import { describe, expect, it } from 'vitest';
import type { Figures } from './objectives.ts';
import type { Signal } from './signal.ts';
import { Usual } from './usual.ts';

const MINUTE = 60_000;
const figures = (p95: number, memoryMb: number): Figures => ({
  requestRate: 1,
  recentRate: 1,
  errorRatio: 0,
  failedCallRate: null,
  refused: new Map(),
  p95,
  cpuPercent: 5,
  memoryMb,
  loopLag: 0.01,
  loopLagMost: null,
  loopCpu: 4,
  databaseTime: null,
});
const says = (
  kind: Signal['kind'],
  status: Signal['status'],
  message = status === 'healthy' ? '' : 'bad',
): Signal => ({
  kind,
  status,
  message,
  at: 0,
});

/** Learns each minute from a past whose figures are the minute; the short past's are a thousand more. */
function setup() {
  const usual = new Usual();
  let minute = 0;
  const known = () => [usual.of('order')?.p95, usual.of('order')?.memoryMb];
  return {
    usual,
    notice: (...signals: readonly Signal[]) => usual.notice('order', signals, minute * MINUTE),
    pass: async (minutes: number, isKnown = true) => {
      for (let i = 0; i < minutes; i++) {
        minute++;
        await usual.learn(
          minute * MINUTE,
          () => isKnown,
          (window) => {
            const figure = window > 5 * MINUTE ? minute : minute + 1000;
            return Promise.resolve(
              isKnown ? new Map([['order', figures(figure, figure)]]) : new Map<string, Figures>(),
            );
          },
        );
      }
      return known();
    },
  };
}

describe('Usual', () => {
  it('is of a past that was well, each minute anew', async () => {
    const { usual, pass, notice } = setup();
    expect(usual.of('order')).toBeNull();
    expect(await pass(1)).toEqual([1, 1]);
    notice(says('traffic', 'healthy'), says('resources', 'healthy'));
    expect(await pass(1)).toEqual([2, 2]);
  });

  it('stays as it was until the past holds nothing of a trouble, for traffic and for resources each', async () => {
    const { pass, notice } = setup();
    await pass(20);
    notice(says('traffic', 'degraded'), says('resources', 'healthy'));
    expect(await pass(10)).toEqual([20, 30]);
    expect(await pass(1)).toEqual([31, 31]);
    notice(says('resources', 'degraded'));
    expect(await pass(10)).toEqual([41, 31]);
  });

  it('stays as it was while a service waits for its machine', async () => {
    const { pass, notice } = setup();
    await pass(20);
    notice(says('resources', 'healthy', 'it waits for its machine'));
    expect(await pass(10)).toEqual([20, 20]);
  });

  it('is of a short past for who was never well for so long: after half an hour, and at the beginning', async () => {
    const { pass, notice } = setup();
    await pass(1);
    notice(says('traffic', 'degraded'));
    expect(await pass(2)).toEqual([1, 3]);
    expect(await pass(1)).toEqual([1004, 4]);
    await pass(16);
    for (let i = 0; i < 7; i++) {
      notice(says('traffic', 'degraded'));
      expect(await pass(4)).toEqual([20, 24 + 4 * i]);
    }
    notice(says('traffic', 'degraded'));
    expect(await pass(2)).toEqual([20, 50]);
    expect(await pass(1)).toEqual([1051, 51]);
  });

  it('is forgotten with the service', async () => {
    const { usual, pass } = setup();
    await pass(1);
    await pass(1, false);
    expect(usual.of('order')).toBeNull();
  });
});
