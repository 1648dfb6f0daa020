import { expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import type { Signal } from '../signal.ts';
import { healthTelemetry } from '../telemetry.ts';
import { SignalFeed } from './feed.ts';

function setup() {
  const clock = new ManualClock(1_000_000);
  const state = { message: 'open', reads: 0, fails: false };
  const feed = new SignalFeed({
    clock,
    log: silentLog,
    telemetry: healthTelemetry(createTelemetry()),
    name: 'breakers',
    tenants: () => ['default'],
    read: (tenant) => {
      state.reads++;
      if (state.fails) throw new Error('no answer');
      const signal: Signal = {
        kind: 'breaker',
        status: 'degraded',
        message: `${tenant} ${state.message}`,
        at: 1,
      };
      return new Map([['order', [signal]]]);
    },
  });
  feed.start();
  const message = () => feed.signals('default').get('order')?.[0]?.message;
  return { clock, feed, state, message };
}

it('reads a change within a second, and what only time changes within five', async () => {
  const { clock, feed, state, message } = setup();
  expect(message()).toBeUndefined();
  await clock.advance(1000);
  expect([message(), state.reads]).toEqual(['default open', 1]);
  state.message = 'closed';
  await clock.advance(1000);
  expect([message(), state.reads]).toEqual(['default open', 1]);
  feed.changed('default');
  feed.changed('default');
  await clock.advance(1000);
  expect([message(), state.reads]).toEqual(['default closed', 2]);
  state.message = 'open';
  await clock.advance(5000);
  expect([message(), state.reads]).toEqual(['default open', 3]);
  feed.stop();
  await clock.advance(60_000);
  expect(state.reads).toBe(3);
});

it('keeps what is equal the same object, so that nothing is judged twice', async () => {
  const { clock, feed } = setup();
  await clock.advance(1000);
  const first = feed.signals('default').get('order')?.[0];
  feed.changed('default');
  await clock.advance(1000);
  expect(first).toBeDefined();
  expect(feed.signals('default').get('order')?.[0]).toBe(first);
});

it('says nothing any more once its source has not answered for 20 s', async () => {
  const { clock, state, message } = setup();
  await clock.advance(1000);
  state.fails = true;
  await clock.advance(20_000);
  expect(message()).toBe('default open');
  await clock.advance(2000);
  expect(message()).toBeUndefined();
  state.fails = false;
  await clock.advance(5000);
  expect(message()).toBe('default open');
});
