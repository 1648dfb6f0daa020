import { EventEmitter } from 'node:events';
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import Opossum from 'opossum';
import { afterEach, describe, expect, it } from 'vitest';
import { sample, testPharos, until } from '../testing/harness.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { BreakerView } from './view.ts';

const boom = (): Promise<never> => Promise.reject(new Error('boom'));
const opened: { shutdown(): void }[] = [];
afterEach(() => {
  for (const breaker of opened.splice(0)) breaker.shutdown();
});

function setup() {
  const clock = new ManualClock();
  const { pharos } = testPharos({ clock });
  const view = (name: string): BreakerView => {
    const found = pharos.breakers.views().find((one) => one.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const opossum = (work: (ok: boolean) => Promise<number>, resetTimeout = 60_000) => {
    const breaker = new Opossum(work, {
      name: 'stock-client',
      timeout: false,
      errorThresholdPercentage: 50,
      resetTimeout,
    });
    opened.push(breaker);
    pharos.breakers.watch(breaker);
    return breaker;
  };
  const cockatiel = () => {
    const policy = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(2) });
    const watched = pharos.breakers.watch(policy, { name: 'mail', service: 'smtp' });
    return { policy, watched };
  };
  return { clock, pharos, view, opossum, cockatiel };
}

const either = (ok: boolean): Promise<number> => (ok ? Promise.resolve(1) : boom());

describe('a breaker of opossum', () => {
  it('appears with its calls, its state and its metrics', async () => {
    const { pharos, view, opossum } = setup();
    const breaker = opossum(either);
    await breaker.fire(true);
    expect(view('stock-client').snapshot().counts).toMatchObject({ requests: 1, total_successes: 1 });
    await breaker.fire(false).catch(() => {});
    await breaker.fire(false).catch(() => {});
    expect(view('stock-client').snapshot()).toMatchObject({ service: 'stock', state: 'OPEN', forced: false });
    const text = await pharos.registry.metrics();
    const labels = { service: 'shop', name: 'stock-client' };
    expect(sample(text, 'circuit_breaker_state', labels)).toBe(2);
    expect(sample(text, 'circuit_breaker_requests_total', { ...labels, result: 'success' })).toBe(1);
    expect(sample(text, 'circuit_breaker_state_changes_total', { ...labels, to_state: 'open' })).toBe(1);
    expect(view('stock-client').settings).toMatchObject({ resetTimeout: 60_000 });
  });

  it('is held open past its own timer, held closed, released and reset', async () => {
    const { clock, view, opossum } = setup();
    const breaker = opossum(either, 5);
    const stock = view('stock-client');
    let probes = 0;
    breaker.on('halfOpen', () => probes++);
    stock.act('force_open', 1_000);
    await until(() => probes >= 3);
    expect([breaker.opened, stock.snapshot().forced]).toEqual([true, true]);
    await expect(breaker.fire(true)).rejects.toMatchObject({ code: 'EOPENBREAKER' });
    await clock.advance(1_000);
    expect(stock.snapshot().forced).toBe(false);
    await until(() => breaker.halfOpen);
    expect(stock.state).toBe('HALF_OPEN');
    stock.act('force_closed', 1_000);
    for (let i = 0; i < 20; i++) await breaker.fire(false).catch(() => {});
    expect([breaker.closed, await breaker.fire(true)]).toEqual([true, 1]);
    stock.act('release', null);
    // More than half of all of its calls have to fail, those from before among them.
    for (let i = 0; i < 100; i++) await breaker.fire(false).catch(() => {});
    expect(stock.snapshot()).toMatchObject({ state: expect.not.stringMatching('CLOSED'), forced: false });
    stock.act('reset', null);
    expect([stock.state, breaker.closed]).toEqual(['CLOSED', true]);
  });
});

describe('a breaker of cockatiel', () => {
  it('appears with its calls and its state', async () => {
    const { view, cockatiel } = setup();
    const { policy } = cockatiel();
    await policy.execute(() => 1);
    for (let i = 0; i < 2; i++) await policy.execute(boom).catch(() => {});
    expect(view('mail').snapshot()).toMatchObject({ service: 'smtp', state: 'OPEN' });
    expect(view('mail').calls('CLOSED', 'failure')).toBe(2);
  });

  it('is held open, released and reset; it cannot be held closed', async () => {
    const { clock, view, cockatiel } = setup();
    const { policy } = cockatiel();
    const mail = view('mail');
    expect(mail.actions).not.toContain('force_closed');
    mail.act('force_closed', 1_000);
    expect(mail.snapshot()).toMatchObject({ state: 'CLOSED', forced: false });
    mail.act('force_open', 1_000);
    await expect(policy.execute(() => 1)).rejects.toBeInstanceOf(BrokenCircuitError);
    expect(mail.snapshot()).toMatchObject({ state: 'OPEN', forced: true });
    await clock.advance(1_000);
    expect([mail.snapshot().state, await policy.execute(() => 1)]).toEqual(['CLOSED', 1]);
    for (let i = 0; i < 2; i++) await policy.execute(boom).catch(() => {});
    mail.act('reset', null);
    expect([mail.state, await policy.execute(() => 2)]).toEqual(['CLOSED', 2]);
  });

  it('is left alone, without a hold, when nobody watches any more', async () => {
    const { pharos, cockatiel } = setup();
    const { policy, watched } = cockatiel();
    pharos.breakers.views()[0]?.act('force_open', 1_000);
    watched.stop();
    watched.stop();
    expect([pharos.breakers.views(), await policy.execute(() => 1)]).toEqual([[], 1]);
  });
});

describe('watch', () => {
  it('refuses what is no breaker, has no name, or has a name that is taken', () => {
    const { pharos, cockatiel } = setup();
    expect(() => pharos.breakers.watch(new EventEmitter())).toThrow(TypeError);
    const { policy } = cockatiel();
    expect(() => pharos.breakers.watch(policy)).toThrow(/has no name/);
    expect(() => pharos.breakers.watch(policy, { name: 'mail' })).toThrow(/already/);
    expect(() => pharos.breakers.create('mail')).toThrow(/cockatiel that is watched/);
    expect(pharos.breakers.get('mail')).toBeUndefined();
  });
});
