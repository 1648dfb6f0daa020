import { expect, it } from 'vitest';
import type { Clock } from '../../shared/clock.ts';
import { systemClock } from '../../shared/clock.ts';
import type { AskShop } from './gateway-client.ts';
import { watchOpening } from './opening.ts';

function setup(statuses: number[]) {
  let now = 0;
  let tick = (): void => undefined;
  let cancelled = false;
  const clock: Clock = {
    ...systemClock,
    monotonic: () => now,
    every: (_ms, run) => {
      tick = run;
      return { cancel: () => void (cancelled = true) };
    },
  };
  const asks = statuses.map(
    (_, i): AskShop =>
      async () => ({ status: statuses[i] ?? 0, body: null }),
  );
  const opening = watchOpening(asks, clock);
  const probe = async (ms: number): Promise<boolean> => {
    now += ms;
    tick();
    await new Promise(setImmediate);
    return opening.open();
  };
  return { opening, probe, statuses, cancelled: () => cancelled };
}

it('opens when the last service is ready, and stays open', async () => {
  const { probe, statuses, cancelled } = setup([200, 0]);
  expect(await probe(500)).toBe(false);
  statuses[1] = 503;
  expect(await probe(500)).toBe(false);
  statuses[1] = 200;
  expect(await probe(500)).toBe(true);
  expect(cancelled()).toBe(true);
});

it('opens after a minute whatever is missing', async () => {
  const { probe } = setup([200, 0]);
  expect(await probe(59_000)).toBe(false);
  expect(await probe(2_000)).toBe(true);
});
