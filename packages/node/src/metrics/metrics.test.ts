import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { sample, testPharos } from '../testing/harness.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { DEFAULT_BUCKETS_SECONDS, httpMetrics, methodLabel } from './http-metrics.ts';
import { processMetrics } from './process-metrics.ts';

describe('request metrics', () => {
  it('put each time in every bucket it fits, in both units', async () => {
    const registry = new Registry();
    const metrics = httpMetrics(registry, [0.1, 1]);
    for (const seconds of [0.1, 0.2, 5])
      metrics.finished({ service: 's', method: 'GET', route: '/x', status: 200, seconds });
    const text = await registry.metrics();
    const bucket = (name: string, le: string): number | undefined => sample(text, `${name}_bucket`, { le });
    expect(['0.1', '1', '+Inf'].map((le) => bucket('http_request_duration_seconds', le))).toEqual([1, 2, 3]);
    expect(['100', '1000', '+Inf'].map((le) => bucket('response_time_ms', le))).toEqual([1, 2, 3]);
    expect(sample(text, 'http_request_duration_seconds_sum')).toBeCloseTo(5.3);
    expect(sample(text, 'response_time_ms_sum')).toBeCloseTo(5_300);
    expect(
      sample(text, 'http_requests_total', { method: 'GET', route: '/x', path: '/x', status: '200' }),
    ).toBe(3);
    expect(text).toContain('# TYPE http_request_duration_seconds histogram');
    expect(text).toContain('# TYPE http_requests_total counter');
  });

  it('have few labels, whatever clients and applications send', async () => {
    const registry = new Registry();
    const metrics = httpMetrics(registry, DEFAULT_BUCKETS_SECONDS);
    for (let i = 0; i < 2_000; i++)
      metrics.finished({ service: 's', method: `M${i}`, route: `/r${i}`, status: 200, seconds: 0.01 });
    const text = await registry.metrics();
    expect(text.match(/^http_requests_total\{/gm)).toHaveLength(501);
    expect(sample(text, 'http_requests_total', { method: 'OTHER', route: 'overflow' })).toBe(1_500);
    expect(['GET', 'get', 'PURGE', '__proto__', ''].map(methodLabel)).toEqual([
      'GET',
      'OTHER',
      'OTHER',
      'OTHER',
      'OTHER',
    ]);
  });

  it('are JSON too, and carry the labels the service puts on everything', async () => {
    const { pharos } = testPharos({ metrics: { labels: { zone: 'a' } } });
    const registry = new Registry();
    httpMetrics(registry, [1]).finished({
      service: 's',
      method: 'GET',
      route: '/x',
      status: 200,
      seconds: 0.5,
    });
    const json = await registry.getMetricsAsJSON();
    const named = (name: string): unknown => json.find((metric) => metric.name === name);
    expect(named('http_requests_total')).toMatchObject({ type: 'counter', values: [{ value: 1 }] });
    expect(named('http_request_duration_seconds')).toMatchObject({ type: 'histogram' });
    pharos.reportActiveUsers(3);
    expect(sample(await pharos.registry.metrics(), 'active_users_total', { zone: 'a' })).toBe(3);
  });

  it('are absent when metrics are off', async () => {
    const { pharos } = testPharos({ env: { METRICS_ENABLED: 'false' } });
    const text = await pharos.registry.metrics();
    expect(text).not.toContain('http_requests_total');
    expect(text).not.toContain('process_cpu_seconds_total');
  });
});

describe('process metrics', () => {
  it('show CPU of the time between two looks', async () => {
    const clock = new ManualClock();
    const registry = new Registry();
    const usage = { user: 0, system: 0 };
    processMetrics(registry, clock, () => ({ ...usage }));
    const read = async (): Promise<number | undefined> => sample(await registry.metrics(), 'cpu_percent');
    expect(await read()).toBe(0);
    usage.user += 1_000_000;
    usage.system += 500_000;
    await clock.advance(500);
    expect(await read()).toBe(0);
    await clock.advance(9_500);
    expect(await read()).toBe(15);
    expect(sample(await registry.metrics(), 'memory_used_mb')).toBeGreaterThan(10);
  });

  it("include prom-client's defaults", async () => {
    const text = await testPharos().pharos.registry.metrics();
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
      'nodejs_heap_size_total_bytes',
      'nodejs_eventloop_lag_seconds',
      'nodejs_gc_duration_seconds',
    ])
      expect(text).toContain(`# TYPE ${name} `);
  });
});

it('reportActiveUsers ignores what is no count', async () => {
  const { pharos, logs } = testPharos();
  pharos.reportActiveUsers(5);
  for (const count of [Number.NaN, -1, Number.POSITIVE_INFINITY]) pharos.reportActiveUsers(count);
  expect(sample(await pharos.registry.metrics(), 'active_users_total')).toBe(5);
  expect(logs.lines).toHaveLength(3);
});
