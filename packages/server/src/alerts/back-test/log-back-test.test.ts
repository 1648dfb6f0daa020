import { createLogQueryEngine } from '@pharos/logql';
import { MemoryLogStorage } from '@pharos/logql/testing';
import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import type { Past } from './past.ts';
import { MINUTE, NEVER, readOf, storeOf, T0, testerOf } from './testing/world.ts';

const COUNT = 'sum by (app) (count_over_time({app=~".+"} |= "error" [2m]))';
const nanos = (ms: number): bigint => BigInt(ms) * 1_000_000n;

/** Ten error lines a minute of the cart from minute 20 to 29, one a minute of auth all the time. */
function lines(): Past {
  const storage = new MemoryLogStorage();
  for (let minute = 0; minute < 60; minute++) {
    storage.add(Labels.fromRecord({ app: 'auth' }), nanos(T0 + minute * MINUTE + 500), 'error');
    if (minute >= 20 && minute < 30)
      for (let i = 0; i < 10; i++)
        storage.add(Labels.fromRecord({ app: 'cart' }), nanos(T0 + minute * MINUTE + i * 1000), 'error');
  }
  const engine = createLogQueryEngine();
  return {
    instant: async ({ query }, time, signal) => {
      const result = await engine.instant({ query, time: nanos(time), storage, signal });
      return result.type === 'vector' ? result.samples : [];
    },
    range: async (query, { start, end, step }, signal) => {
      const range = { start: nanos(start), end: nanos(end), stepNs: step * 1e6 };
      const result = await engine.range({ query, ...range, limit: 1, direction: 'forward', storage, signal });
      return { series: result.type === 'matrix' ? result.series : [], isDownsampled: false };
    },
    first: (query, { from, to }) => {
      asked.push({ from, to });
      const isKnown = query.includes('app');
      return Promise.resolve(isKnown ? T0 + 500 : Number.POSITIVE_INFINITY);
    },
    maxPoints: 11_000,
  };
}

/** The times within which the first line was looked for. */
const asked: { readonly from: number; readonly to: number }[] = [];

const rule = (expr: string) =>
  readOf({
    alert: 'Failing',
    language: 'logql',
    expr,
    for: '3m',
    annotations: { summary: '{{ $labels.app }}: {{ $value }}; {{ query "m" | first | value }}' },
  });
const tester = () => testerOf(storeOf({ m: '7x120' }), { lines: lines() });

describe('back-tests of rules over log lines', () => {
  it('say when they would have fired and how that would have read', async () => {
    const span = { start: T0, end: T0 + 59 * MINUTE };
    const { spells, evaluations, totals } = await tester().run(rule(`${COUNT} > 5`), span, NEVER);
    expect(evaluations.failed.count).toBe(0);
    expect(totals.firings).toBe(1);
    const [fired] = spells;
    expect(fired?.labels.toRecord()).toEqual({ alertname: 'Failing', app: 'cart' });
    expect(fired?.annotations.get('summary')).toBe('cart: 20; 7');
    const minutes = (at: number | null | undefined): number => ((at ?? 0) - T0) / MINUTE;
    expect(minutes(fired?.activeAt)).toBeGreaterThanOrEqual(20);
    expect(minutes(fired?.activeAt)).toBeLessThan(22);
    expect(minutes(fired?.firedAt) - minutes(fired?.activeAt)).toBe(3);
    expect(minutes(fired?.endedAt)).toBeGreaterThan(30);
    expect(minutes(fired?.endedAt)).toBeLessThan(33);
  });

  it('show what they say now', async () => {
    const { holding, alerts } = await tester().preview(rule(`${COUNT} > 50`), T0 + 25 * MINUTE, NEVER);
    expect(holding).toBe(0);
    expect(alerts.map(({ labels }) => labels['app'])).toEqual(['auth', 'cart']);
  });

  it('refuse what looks ahead of the time of its evaluation', async () => {
    const ahead = rule('count_over_time({app="cart"}[2m] offset -5m) > 5');
    await expect(tester().run(ahead, { start: T0, end: T0 + MINUTE }, NEVER)).rejects.toMatchObject({
      code: 'alerts.backTest',
    });
  });

  it('say since when there are lines to test them on', async () => {
    const hour = 60 * MINUTE;
    const span = { start: T0 - 24 * hour, end: T0 + hour };
    const late = await tester().run(rule(`${COUNT} > 5`), span, NEVER);
    expect([late.dataFrom, late.warnings]).toEqual([
      T0 + 500,
      [expect.stringMatching(/nothing is stored before 2026-01-01T00:00:00.500Z: 1h of 1d1h were tested/)],
    ]);
    // A stream that said something in the day before was there all the time, and had nothing to say.
    expect(asked.at(-1)).toEqual({ from: span.start - 24 * hour, to: span.end });
    const since = { start: T0 + hour / 2, end: T0 + hour };
    expect(await tester().run(rule(`${COUNT} > 5`), since, NEVER)).toMatchObject({
      dataFrom: since.start,
      warnings: [],
    });
    const nothing = await tester().run(rule('count_over_time({job="none"}[2m]) > 5'), since, NEVER);
    expect([nothing.dataFrom, nothing.totals.firings]).toEqual([null, 0]);
    expect(nothing.warnings).toEqual([expect.stringMatching(/^Nothing that the expression reads is stored/)]);
  });

  it('pass on why the past is out of reach', async () => {
    const away: Past = { ...lines(), range: () => Promise.reject(new Error('the engine is not available')) };
    const span = { start: T0, end: T0 + 10 * MINUTE };
    await expect(
      testerOf(storeOf({}), { lines: away }).run(rule(`${COUNT} > 5`), span, NEVER),
    ).rejects.toThrow('the engine is not available');
  });
});
