import { describe, expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { createServiceNames } from '../kernel/names.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { healthTelemetry } from './telemetry.ts';
import { TrafficWatch } from './traffic.ts';

/** Answers the watch's queries from figures per service: those of now, and those of the past. */
function setup() {
  const clock = new ManualClock(10_000_000);
  const state = { errors: 0, p95: 0.05, usualP95: 0.05, broken: false, missing: '', asked: [] as string[] };
  const series = (labels: Record<string, string>, value: number) => ({
    label: (name: string) => labels[name] ?? '',
    value,
  });
  const order = { job: 'order-service' };
  const watch = new TrafficWatch({
    clock,
    log: silentLog,
    names: createServiceNames(new Map()),
    telemetry: healthTelemetry(createTelemetry()),
    tenants: () => ['default'],
    countsItsCalls: () => true,
    window: 30_000,
    objectives: () => ({
      window: 30_000,
      min_requests: 10,
      error_ratio: 0.05,
      unhealthy_error_ratio: 0.5,
      latency_p95: 1000,
      cpu_percent: 85,
      event_loop_lag: 500,
    }),
    reader: {
      mayHold: (tenant, metric, since) =>
        tenant === 'default' && metric !== state.missing && since < clock.now() - 29_000,
      instant: (_tenant, query) => {
        if (state.broken) return Promise.reject(new Error('the store is away'));
        state.asked.push(query);
        const past = query.includes('[600s]');
        if (query.startsWith('sum by (service, job, status)'))
          return Promise.resolve([
            series({ ...order, status: '200' }, 10 - state.errors),
            series({ ...order, status: '500' }, state.errors),
            series({ ...order, status: '503' }, Number.NaN),
          ]);
        if (query.startsWith('histogram_quantile'))
          return Promise.resolve([series(order, past ? state.usualP95 : state.p95)]);
        return Promise.resolve([]);
      },
    },
  });
  const unwell = () =>
    (watch.signals('default').get('order') ?? [])
      .filter((signal) => signal.status !== 'healthy')
      .map((signal) => signal.message);
  return { clock, state, watch, unwell };
}

describe('TrafficWatch', () => {
  it('judges every service under its canonical name, every five seconds', async () => {
    const t = setup();
    t.watch.start();
    expect(t.watch.signals('default').size).toBe(0);
    await t.clock.advance(5000);
    expect([[...t.watch.signals('default').keys()], t.unwell()]).toEqual([['order'], []]);
    t.state.errors = 2;
    await t.clock.advance(5000);
    expect(t.unwell()).toEqual(['20 % of its requests of the last 30 s failed (limit 5.0 %)']);
    t.watch.stop();
  });

  it('asks nothing of metrics that nobody has', async () => {
    const t = setup();
    t.state.missing = 'cpu_percent';
    await t.watch.look();
    expect(t.state.asked.filter((query) => query.includes('cpu_percent'))).toEqual([]);
    expect(t.state.asked.filter((query) => query.includes('memory_used_mb'))).toHaveLength(2);
    t.state.missing = '';
    await t.watch.look();
    expect(t.state.asked.filter((query) => query.includes('cpu_percent'))).toHaveLength(1);
  });

  it('learns what is usual only while the service is well', async () => {
    const t = setup();
    await t.watch.look();
    t.state.p95 = 0.5;
    await t.watch.look();
    expect(t.unwell()).toEqual(['95 % of its requests take up to 500 ms (usually 50 ms)']);
    // Ten minutes of the fault are the past now.
    t.state.usualP95 = 0.5;
    await t.clock.advance(600_000);
    await t.watch.look();
    expect(t.unwell()).toHaveLength(1);
    t.state.p95 = 0.1;
    await t.watch.look();
    expect(t.unwell()).toEqual([]);
  });

  it('says nothing once its figures are old', async () => {
    const t = setup();
    t.state.errors = 9;
    t.watch.start();
    await t.clock.advance(5000);
    expect(t.unwell()).toHaveLength(1);
    t.state.broken = true;
    await t.clock.advance(15_000);
    expect(t.unwell()).toHaveLength(1);
    await t.clock.advance(10_000);
    expect(t.watch.signals('default').size).toBe(0);
    t.state.broken = false;
    await t.clock.advance(5000);
    expect(t.unwell()).toHaveLength(1);
    t.watch.stop();
  });
});
