import { afterEach, describe, expect, it } from 'vitest';
import { httpTelemetry } from '../../http/telemetry.ts';
import { openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { MAX_SERVICES } from '../ingest/reports/reported.ts';
import { type HealthReport, ReportsService } from '../ingest/reports/service.ts';
import { MemorySink } from '../testing/memory_sink.ts';
import { reportsApi } from './reports.ts';

let app: HttpApp | undefined;
afterEach(() => app?.close());

async function setup() {
  const clock = new ManualClock(1_000_000);
  const sink = new MemorySink();
  const telemetry = createTelemetry();
  const reports = new ReportsService({ clock, sink, metadata: sink, telemetry, log: silentLog });
  reports.start();
  app = await openTestApp([reportsApi(reports)], { metrics: httpTelemetry(telemetry), maxBody: 10_000 });
  const http = app;
  const post = async (url: string, payload: object): Promise<{ status: number; text: string }> => {
    const answer = await http.inject({ method: 'POST', url, payload, headers: { host: 'localhost' } });
    return { status: answer.statusCode, text: answer.body };
  };
  return { clock, sink, reports, post };
}

describe('pushed JSON reports', () => {
  it('become samples every 15 s and text for /metrics', async () => {
    const { clock, sink, reports, post } = await setup();
    await post('/api/health/auth', { status: 'degraded' });
    await post('/api/metrics/http', {
      method: 'get',
      route: '/o/:id',
      status: 200,
      duration: 0.03,
      service: 'auth',
    });
    await post('/api/metrics/http', {
      method: 'GET',
      route: '/o/:id',
      status: '200',
      duration: 20,
      service: 'auth',
    });
    await post('/api/metrics/users', { count: 7 });
    await clock.advance(15_000);
    const lines = sink.lines();
    expect(lines).toContain(
      'service_health_status{instance="reported", job="auth", service="auth"} 1@1015000',
    );
    expect(lines).toContain(
      'service_health_state{instance="reported", job="auth", service="auth", state="degraded"} 1@1015000',
    );
    expect(lines).toContain(
      'http_requests_total{instance="reported", job="auth", method="GET", path="/o/:id", route="/o/:id", service="auth", status="200"} 2@1015000',
    );
    expect(lines).toContain('active_users_total{instance="reported", job="reports"} 7@1015000');
    expect(sink.metadata.get('default/response_time_ms')?.type).toBe('histogram');
    const text = reports.text('default');
    const labels = 'method="GET",path="/o/:id",route="/o/:id",service="auth",status="200"';
    expect(text).toContain('# TYPE http_request_duration_seconds histogram\n');
    expect(text).toContain(`http_request_duration_seconds_bucket{${labels},le="0.025"} 0\n`);
    expect(text).toContain(`http_request_duration_seconds_bucket{${labels},le="0.05"} 1\n`);
    expect(text).toContain(`http_request_duration_seconds_bucket{${labels},le="+Inf"} 2\n`);
    expect(text).toContain(`response_time_ms_sum{${labels}} 20030\n`);
    expect(text).toContain('active_users_total 7\n');
    expect(reports.text('other')).toBe('');
  });

  it('let a health report end after 90 s, and tell listeners of each', async () => {
    const { clock, sink, reports, post } = await setup();
    const heard: HealthReport[] = [];
    const stop = reports.onHealthReport((report) => heard.push(report));
    await post('/api/health/auth', { status: 'down' });
    stop();
    await post('/api/health/auth', { status: 'unhealthy' });
    expect(heard).toEqual([{ tenant: 'default', service: 'auth', status: 'down', at: 1_000_000 }]);
    await clock.advance(120_000);
    expect(sink.of('service_health_status')).toEqual([
      ...[15, 30, 45, 60, 75, 90].map((s) => `0@${1_000_000 + s * 1000}`),
      'stale@1105000',
    ]);
    expect(sink.of('service_health_state').filter((line) => line.startsWith('stale'))).toHaveLength(4);
  });

  it.each([
    [
      '/api/health/auth',
      {},
      'body.status: a missing value is not a status, expected one of healthy, degraded',
    ],
    ['/api/health/auth', { status: 'ok' }, 'body.status: "ok" is not a status'],
    [
      '/api/metrics/http',
      { method: 'GET', route: '/', status: 200, duration: '1' },
      'body.duration: "1" is not a duration, expected seconds as a number',
    ],
    [
      '/api/metrics/http',
      { method: 'GET', route: '/', status: 99, duration: 1 },
      'body.status: 99 is not a status',
    ],
    [
      '/api/metrics/http',
      { method: 'G T', route: '/', status: 200, duration: 1 },
      'body.method: "G T" is not a method',
    ],
    ['/api/metrics/users', { count: -1 }, 'body.count: -1 is not a count'],
  ])('refuse %s %j', async (url, body, expected) => {
    const { post } = await setup();
    const { status, text } = await post(url, body);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({
      error: { message: expect.stringContaining(expected) as unknown },
    });
  });

  it('stay bounded, and safe with hostile names', async () => {
    const { reports, post } = await setup();
    await post('/api/health/__proto__', { status: 'healthy' });
    expect(reports.text('default')).toContain('service_health_status{service="__proto__"} 1');
    for (let i = 0; i < MAX_SERVICES - 1; i++) reports.health('default', `s${i}`, 'healthy');
    const { status, text } = await post('/api/health/onemore', { status: 'healthy' });
    expect(status).toBe(429);
    expect(text).toContain('reports.too_many');
  });
});
