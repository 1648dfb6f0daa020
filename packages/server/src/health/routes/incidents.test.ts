import { afterEach, expect, it } from 'vitest';
import { openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { createServiceNames } from '../../kernel/names.ts';
import type { ServiceTransition } from '../monitor.ts';
import type { Status } from '../status.ts';
import { incidentsApi } from './incidents.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const MINUTE = 60_000;
let app: HttpApp;
afterEach(() => app.close());

const told = (minutesAgo: number, service: string, from: Status, to: Status): ServiceTransition => ({
  tenant: 'default',
  service,
  at: NOW - minutesAgo * MINUTE,
  from,
  to,
  reason: `${service} ${to}`,
  causedBy: service === 'order' ? ['user'] : [],
});

it('tells incidents that reach into the window, and the states and uptime of every service in it', async () => {
  const all = [
    told(60, 'user', 'unknown', 'healthy'),
    told(60, 'old', 'unknown', 'healthy'),
    told(40, 'auth', 'healthy', 'degraded'),
    told(30, 'auth', 'degraded', 'healthy'),
    told(12, 'user', 'healthy', 'unhealthy'),
    told(11, 'order', 'healthy', 'degraded'),
    told(7, 'order', 'degraded', 'degraded'),
    told(5, 'order', 'degraded', 'healthy'),
  ];
  app = await openTestApp([
    incidentsApi({
      clock: new ManualClock(NOW),
      names: createServiceNames(new Map()),
      history: { reaching: (_tenant, since) => Promise.resolve(all.filter(({ at }) => at >= since)) },
      monitor: { list: () => [{ name: 'user' }, { name: 'new' }] },
    }),
  ]);
  const get = async (query: string) => (await app.inject(`/api/health/incidents?${query}`)).json();
  const { incidents, services } = await get('window=10m');
  expect(incidents).toHaveLength(1);
  expect(incidents[0]).toMatchObject({
    from: '2026-01-01T11:48:00.000Z',
    to: null,
    worst: 'unhealthy',
    services: [
      { service: 'user', to: null, caused_by: [] },
      {
        service: 'order',
        to: '2026-01-01T11:55:00.000Z',
        caused_by: ['user'],
        steps: [
          { status: 'degraded' },
          { status: 'degraded' },
          { status: 'healthy', reason: 'order healthy' },
        ],
      },
    ],
  });
  expect(services).toMatchObject([
    { service: 'new', uptime: null },
    { service: 'order', uptime: 1, segments: [{ status: 'degraded' }, { status: 'healthy' }] },
    { service: 'user', uptime: 0, segments: [{ status: 'unhealthy' }] },
  ]);
  expect((await get('window=1h')).incidents).toHaveLength(2);
  expect((await get('window=1h&service=auth-service')).services).toMatchObject([{ service: 'auth' }]);
  expect((await get('window=1h&service=auth')).incidents).toHaveLength(1);
});
