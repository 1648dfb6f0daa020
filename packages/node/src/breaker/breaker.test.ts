import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { sample, testPharos } from '../testing/harness.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { adaptiveThreshold } from './adaptive.ts';
import { CircuitOpenError } from './breaker.ts';
import type { StateChange } from './view.ts';

const boom = (): Promise<never> => Promise.reject(new Error('boom'));

function setup(): { clock: ManualClock } & ReturnType<typeof testPharos> {
  const clock = new ManualClock();
  return { clock, ...testPharos({ clock }) };
}

describe('CircuitBreaker', () => {
  it('trips after five failures in a row by default, and lets calls through again after 60 s', async () => {
    const { clock, pharos } = setup();
    const breaker = pharos.breakers.create('user-client');
    for (let i = 0; i < 5; i++) await expect(breaker.execute(boom)).rejects.toThrow('boom');
    expect(breaker.state).toBe('OPEN');
    const rejection = await breaker.execute(() => 1).catch((error: unknown) => error);
    expect(rejection).toBeInstanceOf(CircuitOpenError);
    expect(rejection).toMatchObject({ breaker: 'user-client', service: 'user', retryAfterMs: 60_000 });
    await clock.advance(60_000);
    for (let i = 0; i < 5; i++) expect(await breaker.execute(() => i)).toBe(i);
    expect(breaker.state).toBe('CLOSED');
  });

  it('forgets its counts after the interval', async () => {
    const { clock, pharos } = setup();
    const breaker = pharos.breakers.create('x', { failureThreshold: 2 });
    await breaker.execute(boom).catch(() => {});
    await clock.advance(60_000);
    await breaker.execute(boom).catch(() => {});
    expect(breaker.state).toBe('CLOSED');
  });

  it('answers failures and rejections by the fallback', async () => {
    const { pharos } = setup();
    const breaker = pharos.breakers.create('x', { failureThreshold: 1 });
    const seen: unknown[] = [];
    const fallback = (error: unknown): string => {
      seen.push(error instanceof Error ? error.name : error);
      return 'cached';
    };
    expect(await breaker.execute<string>(boom, { fallback })).toBe('cached');
    expect(await breaker.execute<string>(boom, { fallback })).toBe('cached');
    expect(seen).toEqual(['Error', 'CircuitOpenError']);
  });

  it('lets isSuccessful decide and passes the error on all the same', async () => {
    const { pharos } = setup();
    const breaker = pharos.breakers.create('x', {
      failureThreshold: 1,
      isSuccessful: (e) => e instanceof RangeError,
    });
    await expect(breaker.execute(() => Promise.reject(new RangeError('404')))).rejects.toThrow('404');
    expect(breaker.state).toBe('CLOSED');
    expect(breaker.counts.totalSuccesses).toBe(1);
  });

  it('does not count a call whose caller gave up', async () => {
    const { pharos } = setup();
    const breaker = pharos.breakers.create('x', { failureThreshold: 1 });
    const controller = new AbortController();
    const call = breaker.execute(
      () =>
        new Promise((_, reject) =>
          controller.signal.addEventListener('abort', () => reject(new Error('gone'))),
        ),
      { signal: controller.signal },
    );
    controller.abort();
    await expect(call).rejects.toThrow('gone');
    expect(breaker.state).toBe('CLOSED');
    expect(breaker.counts.requests).toBe(0);
  });

  it('survives callbacks that throw and says so', async () => {
    const { pharos, logs } = setup();
    const broken = (): never => {
      throw new Error('callback');
    };
    const breaker = pharos.breakers.create('x', {
      failureThreshold: 1,
      readyToTrip: broken,
      onStateChange: broken,
      isSuccessful: broken,
    });
    await expect(breaker.execute(boom)).rejects.toThrow('boom');
    expect(breaker.state).toBe('OPEN');
    const named = logs.lines
      .map(({ context }) => (context as { callback?: string }).callback)
      .filter(Boolean);
    expect(named).toEqual(['isSuccessful', 'readyToTrip', 'onStateChange']);
  });

  it('tells onStateChange what happened', async () => {
    const { pharos } = setup();
    const changes: StateChange[] = [];
    const breaker = pharos.breakers.create('user-client', {
      failureThreshold: 1,
      onStateChange: (c) => changes.push(c),
    });
    await breaker.execute(boom).catch(() => {});
    breaker.reset();
    expect(changes.map(({ from, to, reason, service }) => [from, to, reason, service])).toEqual([
      ['CLOSED', 'OPEN', 'tripped', 'user'],
      ['OPEN', 'CLOSED', 'reset', 'user'],
    ]);
    expect(changes[0]?.counts.totalFailures).toBe(1);
  });

  it.each([
    ['maxRequests', 0],
    ['maxRequests', 1.5],
    ['failureThreshold', Number.NaN],
    ['interval', -1],
    ['timeout', Number.POSITIVE_INFINITY],
  ])('refuses %s = %s by name', (field, value) => {
    const { pharos } = setup();
    expect(() => pharos.breakers.create('x', { [field]: value })).toThrow(
      new RegExp(`${field} is ${value}, expected`),
    );
  });
});

describe('BreakerRegistry', () => {
  it('shows metrics with the owner as service and lower-case states', async () => {
    const { clock, pharos } = setup();
    const breaker = pharos.breakers.create('user-client', { failureThreshold: 1, maxRequests: 1 });
    await breaker.execute(boom).catch(() => {});
    await breaker.execute(boom).catch(() => {});
    const labels = { service: 'shop', name: 'user-client' };
    const read = async (name: string, more = {}): Promise<number | undefined> =>
      sample(await pharos.registry.metrics(), name, { ...labels, ...more });
    expect(await read('circuit_breaker_state')).toBe(2);
    expect(await read('circuit_breaker_requests_total', { state: 'closed', result: 'failure' })).toBe(1);
    expect(await read('circuit_breaker_requests_total', { state: 'open', result: 'rejected' })).toBe(1);
    await clock.advance(60_000);
    expect(await read('circuit_breaker_state')).toBe(1);
    await breaker.execute(() => 1);
    expect(await read('circuit_breaker_state')).toBe(0);
    expect(await read('circuit_breaker_requests_total', { state: 'half-open', result: 'success' })).toBe(1);
    expect(
      await read('circuit_breaker_state_changes_total', { from_state: 'open', to_state: 'half-open' }),
    ).toBe(1);
  });

  it('gives JSON in upper case, named by the protected upstream', async () => {
    const { clock, pharos } = setup();
    const breaker = pharos.breakers.create('user-client', { failureThreshold: 1 });
    await breaker.execute(boom).catch(() => {});
    expect(pharos.breakers.snapshot()).toEqual([
      {
        service: 'user',
        name: 'user-client',
        state: 'OPEN',
        counts: {
          requests: 0,
          total_successes: 0,
          total_failures: 0,
          consecutive_successes: 0,
          consecutive_failures: 0,
        },
        last_change: new Date(clock.now()).toISOString(),
        forced: false,
        forced_until: null,
      },
    ]);
  });

  it('names the worst, and a closed one of the owner when there is none', async () => {
    const { pharos } = setup();
    expect(pharos.breakers.worst()).toMatchObject({
      service: 'shop',
      state: 'CLOSED',
      counts: { requests: 0 },
    });
    const calm = pharos.breakers.create('a-client');
    await calm.execute(() => 1);
    const failing = pharos.breakers.create('b-client');
    await failing.execute(boom).catch(() => {});
    expect(pharos.breakers.worst().service).toBe('b');
    calm.forceOpen();
    expect(pharos.breakers.worst()).toMatchObject({ service: 'a', state: 'OPEN' });
  });

  it('resets by upstream, by name, or all, and leaves forced states', async () => {
    const { pharos } = setup();
    const { breakers } = pharos;
    breakers.create('a-client').forceOpen();
    breakers.create('b-client').forceOpen();
    expect(breakers.reset('nobody')).toEqual([]);
    expect(breakers.reset('a')).toEqual(['a-client']);
    expect(breakers.snapshot().map(({ state }) => state)).toEqual(['CLOSED', 'OPEN']);
    expect(breakers.reset('b-client')).toEqual(['b-client']);
    breakers.get('a-client')?.forceClosed();
    expect(breakers.snapshot()[0]?.forced).toBe(true);
    expect(breakers.reset()).toEqual(['a-client', 'b-client']);
    expect(breakers.snapshot()[0]?.forced).toBe(false);
  });

  it('returns the breaker that has the name already, takes defaults, and keeps its own registry', () => {
    const { pharos } = testPharos({ circuitBreaker: { failureThreshold: 1 } });
    const other = testPharos().pharos;
    expect(pharos.breakers.create('x')).toBe(pharos.breakers.create('x'));
    expect(other.breakers.get('x')).toBeUndefined();
    expect(pharos.registry).toBeInstanceOf(Registry);
    expect(pharos.registry).not.toBe(other.registry);
  });
});

describe('adaptiveThreshold', () => {
  const seen = (
    successes: number,
    failures: number,
  ): Parameters<ReturnType<typeof adaptiveThreshold>['learn']>[0] => ({
    requests: successes + failures,
    totalSuccesses: successes,
    totalFailures: failures,
    consecutiveSuccesses: 0,
    consecutiveFailures: 1,
  });

  it('follows what is usual, between floor and ceiling', () => {
    const threshold = adaptiveThreshold(5);
    expect(threshold.threshold()).toBe(0.2);
    threshold.learn(seen(90, 10));
    expect(threshold.threshold()).toBeCloseTo(0.3);
    for (let i = 0; i < 100; i++) threshold.learn(seen(50, 50));
    expect(threshold.threshold()).toBe(0.8);
    expect(threshold.readyToTrip(seen(30, 70))).toBe(false);
    expect(threshold.readyToTrip(seen(10, 90))).toBe(true);
  });

  it('does not judge a few calls by their ratio, but trips on a run of failures', () => {
    const threshold = adaptiveThreshold(5);
    expect(threshold.readyToTrip(seen(0, 4))).toBe(false);
    expect(threshold.readyToTrip({ ...seen(0, 5), consecutiveFailures: 5 })).toBe(true);
    threshold.learn(seen(0, 3));
    expect(threshold.threshold()).toBe(0.2);
  });

  it('drives a breaker: what an unreliable upstream always does is no reason to trip', async () => {
    const { clock, pharos } = setup();
    const breaker = pharos.breakers.create('x', {
      adaptive: { minRequests: 10, factor: 2 },
      failureThreshold: 50,
    });
    const round = async (failures: number): Promise<void> => {
      for (let i = 0; i < 20; i++) await breaker.execute(i < 20 - failures ? () => 1 : boom).catch(() => {});
    };
    await round(4);
    expect(breaker.state).toBe('CLOSED');
    await clock.advance(60_000);
    await round(7);
    expect(breaker.state).toBe('CLOSED');
    await clock.advance(60_000);
    await round(19);
    expect(breaker.state).toBe('OPEN');
  });
});
