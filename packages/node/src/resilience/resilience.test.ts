import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testPharos } from '../testing/harness.ts';
import { ManualClock, settle } from '../testing/manual-clock.ts';
import { policy } from './policy.ts';
import { backoffDelay, retry } from './retry.ts';
import { TimeoutError, withTimeout } from './timeout.ts';

describe('retry', () => {
  it('waits with doubling bounds and full jitter, then gives the last error', async () => {
    const clock = new ManualClock();
    const waits: number[] = [];
    let calls = 0;
    const result = retry(() => Promise.reject(new Error(`try ${++calls}`)), {
      attempts: 4,
      baseDelay: 100,
      clock,
      random: () => 0.5,
      onRetry: (_error, _attempt, delay) => waits.push(delay),
    }).catch((error: unknown) => error);
    await clock.advance(10_000);
    expect(await result).toEqual(new Error('try 4'));
    expect(waits).toEqual([50, 100, 200]);
  });

  it('returns the first success and tries no more', async () => {
    const clock = new ManualClock();
    const result = retry((attempt) => (attempt < 3 ? Promise.reject(new Error('x')) : attempt), { clock });
    await clock.advance(10_000);
    expect(await result).toBe(3);
    expect(clock.pending).toBe(0);
  });

  it('does not retry an open breaker, what retryable refuses, or after an abort', async () => {
    const clock = new ManualClock();
    let calls = 0;
    const failing = (error: Error) => (): Promise<never> => {
      calls++;
      return Promise.reject(error);
    };
    const open = Object.assign(new Error('open'), { code: 'PHAROS_CIRCUIT_OPEN' });
    await expect(retry(failing(open), { clock })).rejects.toThrow('open');
    await expect(retry(failing(new Error('no')), { clock, retryable: () => false })).rejects.toThrow('no');
    expect(calls).toBe(2);
    const controller = new AbortController();
    const waiting = retry(failing(new Error('again')), { clock, signal: controller.signal, random: () => 1 });
    const outcome = waiting.catch((error: unknown) => error);
    await settle();
    controller.abort(new Error('caller left'));
    expect(await outcome).toEqual(new Error('caller left'));
    expect(clock.pending).toBe(0);
  });

  it('keeps every wait within [0, min(max, base * 2^n))', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, baseDelay, maxDelay, at) => {
          const delay = backoffDelay(attempt, { baseDelay, maxDelay, random: () => at });
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(maxDelay, baseDelay * 2 ** Math.min(attempt - 1, 52)));
        },
      ),
    );
  });
});

describe('withTimeout', () => {
  it('rejects on time even when the call ignores its signal', async () => {
    const clock = new ManualClock();
    let signal: AbortSignal | undefined;
    const result = withTimeout(
      (given) => {
        signal = given;
        return new Promise(() => {});
      },
      250,
      { clock },
    ).catch((error: unknown) => error);
    await clock.advance(249);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(await result).toBeInstanceOf(TimeoutError);
    expect(signal?.aborted).toBe(true);
  });

  it('leaves no timer behind a call that returns, throws or rejects', async () => {
    const clock = new ManualClock();
    expect(await withTimeout(() => 1, 100, { clock })).toBe(1);
    await expect(withTimeout(() => Promise.reject(new Error('x')), 100, { clock })).rejects.toThrow('x');
    await expect(
      withTimeout(
        () => {
          throw new Error('sync');
        },
        100,
        { clock },
      ),
    ).rejects.toThrow('sync');
    expect(clock.pending).toBe(0);
  });

  it("passes the caller's abort on", async () => {
    const clock = new ManualClock();
    const outer = new AbortController();
    const result = withTimeout(() => new Promise(() => {}), 100, { clock, signal: outer.signal });
    const outcome = result.catch((error: unknown) => error);
    outer.abort(new Error('left'));
    expect(await outcome).toEqual(new Error('left'));
    await expect(withTimeout(() => 1, 100, { clock, signal: outer.signal })).rejects.toThrow('left');
  });
});

describe('policy', () => {
  it('is one call to the breaker, however many tries, each with its own time', async () => {
    const clock = new ManualClock();
    const { pharos } = testPharos({ clock, random: () => 0 });
    const breaker = pharos.breakers.create('x', { failureThreshold: 2 });
    const guarded = pharos.policy({ breaker, retry: { attempts: 3 }, timeout: 100 });
    let tries = 0;
    const hang = (): Promise<string> => {
      tries++;
      return new Promise(() => {});
    };
    const first = guarded.execute(hang).catch((error: unknown) => error);
    await clock.advance(1_000);
    expect(await first).toBeInstanceOf(TimeoutError);
    expect(tries).toBe(3);
    expect(breaker.counts.totalFailures).toBe(1);
    const second = guarded.execute(hang, { fallback: () => 'cached' });
    await clock.advance(1_000);
    expect(await second).toBe('cached');
    expect(breaker.state).toBe('OPEN');
    expect(await guarded.execute(hang, { fallback: () => 'cached' })).toBe('cached');
    expect(tries).toBe(6);
  });

  it('is the plain call without any part', async () => {
    expect(await policy({}).execute((signal) => signal.aborted)).toBe(false);
    await expect(policy({}).execute(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
  });
});
