import { parseExpr } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openTestApp } from '../http/testing/test-app.ts';
import { ManualClock } from '../kernel/clock.ts';
import { slosSection } from './config.ts';
import { slosApi } from './routes.ts';

const SLOS = slosSection.schema.parse([
  {
    name: 'order',
    service: 'order',
    objective: 99,
    ratio: { bad: 'rate(bad[$window])', total: 'rate(all[$window])' },
  },
  {
    name: 'few.of-it',
    objective: 99,
    ratio: { bad: 'rate(bad[$window])', total: 'rate(all[$window])' },
    alerts: { least_bad: 20 },
  },
  { name: 'new', objective: 99.5, window: '7d', latency: { histogram: 'h', threshold: 1 } },
]);
/** Of `order` and of `few.of-it`. */
const RECORDED: Readonly<Record<string, number>> = {
  'slo:bad:rate5m': 7,
  'slo:total:rate5m': 12,
  'slo:error_ratio:5m': 0.2,
  'slo:error_ratio:1h': 0.2,
  'slo:error_ratio:6h': 0.02,
  'slo:error_ratio:window': 0.005,
  'slo:budget_remaining:ratio': 0.5,
  'slo:covered:ratio': Number.NaN,
};

async function open() {
  const asked: string[] = [];
  const app = await openTestApp([
    slosApi({
      clock: new ManualClock(),
      slos: () => SLOS,
      query: (query) => {
        parseExpr(query);
        asked.push(query);
        const names = Object.entries(RECORDED).filter(([name]) => query.includes(name));
        const slos = query.includes('sum by (slo)') ? ['few.of-it'] : ['order', 'few.of-it'];
        const samples = slos.flatMap((slo) =>
          names.map(([name, value]) => ({
            value,
            label: (of: string) => (of === '__name__' ? name : of === 'slo' ? slo : ''),
          })),
        );
        return Promise.resolve(samples);
      },
    }),
  ]);
  const get = async (url: string) => {
    const answer = await app.inject({ url, headers: { host: 'localhost' } });
    return { status: answer.statusCode, body: answer.json<unknown>() };
  };
  return { app, asked, get };
}

describe('the API of objectives', () => {
  it('lists them with what is left, two questions for all, and one more where few bad events may not count', async () => {
    const { app, asked, get } = await open();
    expect((await get('/api/v1/slos')).body).toMatchObject({
      slos: [
        {
          name: 'order',
          objective: 0.99,
          window_seconds: 2_592_000,
          status: 'unhealthy',
          error_ratio: 0.005,
          budget: 0.01,
          budget_remaining: 0.5,
          covered: null,
          rate: 12,
          burn: { '1h': 20, '6h': 2, '3d': null },
          exhausted_in_seconds: 648_000,
          tolerated: false,
        },
        {
          name: 'few.of-it',
          status: 'healthy',
          reason: '7 bad events over 1h, fewer than the 20 that count',
          tolerated: true,
          burn: { '1h': 20 },
        },
        { name: 'new', status: 'unknown', budget_remaining: null, indicator: 'h up to 1' },
      ],
    });
    expect(asked).toHaveLength(3);
    expect(asked[2]).toBe('sum by (slo) (sum_over_time(slo:bad:rate5m{slo=~"few\\\\.of-it"}[1h])) * 60');
    await app.close();
  });

  it('tells one with its limits, its rules and what to draw', async () => {
    const { app, get } = await open();
    const { body } = await get('/api/v1/slos/order');
    const whole = z
      .object({
        alerts: z.array(
          z.object({ long: z.string(), factor: z.number(), possible: z.boolean(), burns: z.boolean() }),
        ),
        least_bad: z.number(),
        queries: z.record(z.string(), z.string()),
        rules: z.string(),
      })
      .parse(body);
    expect(whole.alerts[0]).toEqual({ long: '1h', factor: 14.4, possible: true, burns: true });
    expect(whole.least_bad).toBe(0);
    for (const query of Object.values(whole.queries)) parseExpr(query);
    expect(JSON.parse(whole.rules)).toMatchObject({ groups: [{ name: 'order' }, { name: 'order window' }] });
    expect((await get('/api/v1/slos/none')).status).toBe(404);
    await app.close();
  });
});
