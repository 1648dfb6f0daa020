import type { LogBatch, LogSelectRequest } from '@pharos/logql';
import { MemoryLogStorage } from '@pharos/logql/testing';
import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { logsSection } from './config.ts';
import { createLogMetrics } from './log-metrics.ts';
import { ENGINE_AWAY } from './store/log-reader.ts';
import { logsTelemetry } from './telemetry.ts';

const NOW = Date.UTC(2026, 0, 1);
const NEVER = new AbortController().signal;

/** Lines of two apps, one a second for ten minutes; each query may be held until it is let go. */
function world(
  options: {
    readonly warnings?: readonly string[];
    readonly held?: boolean;
    readonly asker?: 'rule' | 'back_test';
  } = {},
) {
  const clock = new ManualClock(NOW);
  const running: { readonly go: () => void; readonly limits: string; readonly tenant: string }[] = [];
  const telemetry = logsTelemetry(createTelemetry(), () => ({
    streams: 0,
    pendingLines: 0,
    pendingBytes: 0,
    newestBytes: 0,
  }));
  const reader = (tenant: string, limits: string) => {
    const lines = new MemoryLogStorage();
    for (let second = 0; second < 600; second++)
      lines.add(
        Labels.fromRecord({ app: second % 3 === 0 ? 'cart' : 'auth' }),
        BigInt(NOW - second * 1000) * 1_000_000n,
        'error',
      );
    return {
      warnings: options.warnings ?? [],
      async *select(request: LogSelectRequest, signal?: AbortSignal): AsyncGenerator<LogBatch> {
        await new Promise<void>((resolve, reject) => {
          running.push({ go: resolve, limits, tenant });
          if (options.held !== true) resolve();
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
        yield* lines.select(request);
      },
    };
  };
  const config = logsSection.schema.parse({ query: { timeout: '1m' } });
  const metrics = createLogMetrics({
    store: { reader, telemetry },
    clock,
    config,
    tenant: 'default',
    breathe: () => Promise.resolve(),
    asker: options.asker ?? 'rule',
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { metrics, clock, running, settle };
}

const COUNT = 'sum by (app) (count_over_time({app=~".+"} |= "error" [1m]))';

describe('metric queries over log lines, as rules ask them', () => {
  it('answer at a time, and at every step up to it', async () => {
    const { metrics, running } = world();
    const shown = (await metrics.instant(COUNT, NOW, NEVER)).map(({ labels, value }) => [
      labels.get('app'),
      value,
    ]);
    expect(shown).toEqual([
      ['auth', 40],
      ['cart', 20],
    ]);
    expect(running.map(({ limits, tenant }) => [limits, tenant])).toEqual([['background', 'default']]);
    const waitedFor = world({ asker: 'back_test' });
    await waitedFor.metrics.instant(COUNT, NOW, NEVER);
    expect(waitedFor.running.map(({ limits }) => limits)).toEqual(['interactive']);
    expect(await metrics.instant('1 + 1', NOW, NEVER)).toEqual([{ labels: Labels.EMPTY, value: 2 }]);
    const series = await metrics.range(COUNT, { start: NOW - 120_000, end: NOW, step: 60_000 }, NEVER);
    expect(series.map(({ values }) => [...values])).toEqual([
      [40, 40, 40],
      [20, 20, 20],
    ]);
  });

  it('tell of the first line of what they read, whatever it says', async () => {
    const { metrics, running } = world({ asker: 'back_test' });
    const within = (from: number, to = NOW + 1) => ({ from: NOW - from * 1000, to });
    const first = async (query: string, from: number) =>
      NOW - ((await metrics.firstLine(query, within(from), NEVER)) ?? Number.NaN);
    expect(await first('sum(rate({app="auth"} |= "nobody says so" [5m]))', 3600)).toBe(599_000);
    expect(await first('sum(rate({app="auth"}[5m])) / sum(rate({app="cart"}[5m]))', 3600)).toBe(599_000);
    expect(await first('sum(rate({app="cart"}[5m]))', 60)).toBe(60_000);
    expect(await first('sum(rate({app="none"}[5m]))', 3600)).toBe(Number.NEGATIVE_INFINITY);
    expect(await metrics.firstLine('1 + 1', within(60), NEVER)).toBeUndefined();
    expect(running.map(({ limits }) => limits)).toEqual(running.map(() => 'interactive'));
    const away = world({ warnings: [ENGINE_AWAY] }).metrics.firstLine(COUNT, within(60), NEVER);
    await expect(away).rejects.toMatchObject({ code: 'logs.incomplete' });
  });

  it('answer nothing rather than a part', async () => {
    const { metrics } = world({ warnings: [ENGINE_AWAY] });
    const incomplete = {
      code: 'logs.incomplete',
      message: expect.stringContaining('the engine is not available'),
    };
    await expect(metrics.instant(COUNT, NOW, NEVER)).rejects.toMatchObject(incomplete);
    await expect(metrics.range(COUNT, { start: NOW, end: NOW, step: 1000 }, NEVER)).rejects.toMatchObject(
      incomplete,
    );
  });

  it('are two at a time, however many wait, in the order in which they came', async () => {
    const { metrics, running, settle } = world({ held: true });
    const done: number[] = [];
    const all = Array.from({ length: 20 }, (_, i) =>
      metrics.instant(COUNT, NOW, new AbortController().signal).then(() => void done.push(i)),
    );
    await settle();
    expect(running).toHaveLength(2);
    for (let next = 0; next < 20; next++) {
      running[next]?.go();
      await settle();
      expect(running).toHaveLength(Math.min(20, next + 3));
    }
    await Promise.all(all);
    expect(done).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('end when their time is over, and when nobody wants them any more, also those that wait', async () => {
    const { metrics, clock, settle } = world({ held: true });
    const stopped = new AbortController();
    const slow = metrics.instant(COUNT, NOW, NEVER);
    const left = metrics.instant(COUNT, NOW, stopped.signal);
    const waits = metrics.instant(COUNT, NOW, stopped.signal);
    const outcomes = Promise.allSettled([slow, left, waits]);
    await settle();
    stopped.abort(new Error('the rule group is stopped'));
    await settle();
    await clock.advance(60_000);
    expect(await outcomes).toMatchObject([
      { reason: { code: 'logs.queryTimeout' } },
      { reason: { message: 'the rule group is stopped' } },
      { reason: { message: 'the rule group is stopped' } },
    ]);
  });

  it('say what is wrong with them', async () => {
    const { metrics } = world();
    await expect(metrics.instant('{app="a"}', NOW, NEVER)).rejects.toThrow(/log queries are not supported/);
    await expect(metrics.range('{app="a"}', { start: NOW, end: NOW, step: 1000 }, NEVER)).rejects.toThrow(
      /expected one that answers numbers/,
    );
  });
});
