import { Labels } from '@pharos/promql';
import { afterEach, expect, it } from 'vitest';
import { MemoryStorage } from '../../../../promql/src/testing/memory-storage.ts';
import { BLUE, openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { createPromReader } from '../../prom-reader.ts';
import type { ServiceHealth } from '../monitor.ts';
import { monitoringApi } from './monitoring.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
let app: HttpApp;
afterEach(() => app.close());

it('answers in its documented shape', async () => {
  const storage = new MemoryStorage();
  const counter = (name: string, labels: Record<string, string>, perSecond: number): void =>
    storage.add(
      Labels.fromRecord({ __name__: name, job: 'order-service', instance: 'a:1', route: '/buy', ...labels }),
      Array.from({ length: 121 }, (_, i) => [NOW - 600_000 + i * 5000, i * 5 * perSecond] as const),
    );
  counter('http_requests_total', { status: '200' }, 9.98);
  counter('http_requests_total', { status: '500' }, 0.02);
  counter('http_requests_total', { status: '200', route: '/metrics' }, 50);
  counter('http_request_duration_seconds_sum', {}, 0.45);
  const service = (name: string, extra: Partial<ServiceHealth>): ServiceHealth => ({
    name,
    status: 'healthy',
    since: NOW - 60_000,
    reasons: [],
    sources: [],
    instances: [],
    causedBy: [],
    waitsForMachine: false,
    ...extra,
  });
  const list = [
    service('order', {
      status: 'degraded',
      since: NOW - 900_000,
      reasons: [
        { source: 'traffic', severity: 'warning', message: 'slow' },
        { source: 'dependency', severity: 'info', message: 'it calls user, which is degraded' },
      ],
    }),
    service('user', {}),
  ];
  app = await openTestApp([
    monitoringApi({
      clock: new ManualClock(NOW),
      names: createServiceNames(new Map()),
      monitor: { list: (tenant: string) => (tenant === 'default' ? list : []) },
      reader: createPromReader(
        (tenant) => (tenant === 'default' ? storage : new MemoryStorage()),
        new ManualClock(NOW),
      ),
      breakers: (tenant) =>
        Promise.resolve(
          tenant === 'default'
            ? [
                { service: 'gateway', name: 'a', upstream: 'order-service', state: 'HALF_OPEN' },
                { service: 'user', name: 'b', upstream: 'order', state: 'CLOSED' },
              ]
            : [],
        ),
      dependencies: () => [],
      version: '1.2.3',
      startedAt: NOW - 90_061_000,
    }),
  ]);
  expect((await app.inject('/monitoring/health/dashboard')).json()).toEqual({
    gateway: {
      name: 'pharos',
      version: '1.2.3',
      status: 'degraded',
      uptime: '1d 1h 1m',
      requests: { total: 6000, successful: 5988, failed: 12, rate: '99.8%' },
    },
    services: {
      order: { status: 'degraded', response_time: '45ms', error_rate: '0.2%', circuit_breaker: 'HALF_OPEN' },
      user: { status: 'healthy', response_time: null, error_rate: null, circuit_breaker: 'CLOSED' },
    },
    alerts: [
      {
        level: 'warning',
        service: 'order',
        message: 'slow',
        timestamp: '2026-01-01T11:45:00.000Z',
        duration: '15m',
      },
    ],
  });
  const other = (await app.inject({ url: '/monitoring/health/dashboard', headers: BLUE })).json();
  expect([other.services, other.alerts, other.gateway.requests.rate]).toEqual([{}, [], '100.0%']);
});
