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
  const state = {
    errors: 0,
    p95: 0.05,
    usualP95: 0.05,
    /** Of the last two minutes that are past. */
    recentP95: 0.05,
    broken: false,
    /** A query takes so long, ms. */
    takes: 0,
    missing: '',
    asked: [] as string[],
    /** Of two processes: how late their loops are, s, and percent of a core. */
    loops: [
      [0.01, 4],
      [0.01, 4],
    ] as readonly (readonly [lag: number, cpu: number])[],
  };
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
      instant: async (_tenant, query) => {
        if (state.takes > 0) await clock.sleep(state.takes);
        if (state.broken) return Promise.reject(new Error('the store is away'));
        state.asked.push(query);
        const past = query.includes('[600s]');
        if (query.startsWith('sum by (service, job, status)'))
          return Promise.resolve([
            series({ ...order, status: '200' }, 10 - state.errors),
            series({ ...order, status: '500' }, state.errors),
            series({ ...order, status: '503' }, Number.NaN),
          ]);
        if (query.startsWith('histogram_quantile(0.95'))
          return Promise.resolve([
            series(order, past ? state.usualP95 : query.includes('[120s]') ? state.recentP95 : state.p95),
          ]);
        const figure = query.includes('nodejs_eventloop_lag_p90_seconds')
          ? 0
          : query.includes('process_cpu_seconds_total')
            ? 1
            : null;
        if (figure !== null)
          return Promise.resolve(
            state.loops.map((loop, i) =>
              series({ ...order, instance: `${i}` }, past ? ([0.01, 4][figure] ?? 0) : loop[figure]),
            ),
          );
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

  it('holds against a lag what the process that lags takes', async () => {
    const t = setup();
    t.state.loops = [
      [0.4, 5],
      [0.02, 70],
    ];
    await t.watch.look();
    expect(t.unwell()).toEqual([]);
    t.state.loops = [
      [0.02, 5],
      [0.4, 70],
    ];
    await t.watch.look();
    expect(t.unwell()).toEqual([expect.stringContaining('its event loop lags, a tenth of it by 400 ms')]);
  });

  it('learns nothing while a service waits for its machine', async () => {
    const t = setup();
    await t.watch.look();
    t.state.loops = [[0.4, 5]];
    t.state.usualP95 = 0.5;
    await t.watch.look();
    await t.clock.advance(600_000);
    await t.watch.look();
    t.state.loops = [[0.01, 4]];
    t.state.p95 = 0.5;
    await t.watch.look();
    expect(t.unwell()).toEqual(['95 % of its requests take up to 500 ms (usually 50 ms)']);
  });

  it('learns nothing from a past that holds a trouble which is over', async () => {
    const t = setup();
    const look = async (p95: number, after: number) => {
      await t.clock.advance(after);
      t.state.p95 = p95;
      await t.watch.look();
      return t.unwell();
    };
    await look(0.05, 0);
    expect(await look(1.2, 10_000)).toHaveLength(1);
    t.state.usualP95 = 1;
    await look(0.05, 2000);
    await look(0.05, 300_000);
    expect(await look(0.6, 2000)).toEqual(['95 % of its requests take up to 600 ms (usually 50 ms)']);
    await look(0.05, 2000);
    await look(0.05, 661_000);
    expect(await look(0.6, 2000)).toEqual([]);
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

  it('goes on saying what it found while it rests from rounds that take long', async () => {
    const t = setup();
    t.state.errors = 9;
    t.state.takes = 2000;
    t.watch.start();
    await t.clock.advance(10_000);
    for (let second = 0; second < 120; second++) {
      await t.clock.advance(1000);
      expect([second, t.unwell().length]).toEqual([second, 1]);
    }
    t.state.errors = 0;
    await t.clock.advance(70_000);
    expect(t.unwell()).toEqual([]);
    t.state.broken = true;
    await t.clock.advance(150_000);
    expect(t.watch.signals('default').size).toBe(0);
    t.watch.stop();
  });
});
