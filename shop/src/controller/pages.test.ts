import { expect, it } from 'vitest';
import { createPager, pageBody } from './pages.ts';

const BODY = {
  version: '4',
  status: 'firing',
  receiver: 'on-call',
  groupLabels: { service: 'catalog' },
  commonLabels: { service: 'catalog', alertname: 'ServiceUnwell' },
  commonAnnotations: { summary: 'catalog is unhealthy', dependants: 'gateway, order (ServiceUnwell)' },
  alerts: [
    {
      status: 'firing',
      labels: { service: 'catalog', alertname: 'ServiceUnwell' },
      annotations: {},
      startsAt: '2026-01-01T00:00:00Z',
    },
  ],
};

it('keeps what it is told, and forgets the oldest', () => {
  const pager = createPager({ now: () => 0 });
  const body = pageBody.parse(BODY);
  pager.take(body);
  expect(pager.list()).toEqual([
    {
      at: '1970-01-01T00:00:00.000Z',
      status: 'firing',
      receiver: 'on-call',
      service: 'catalog',
      alerts: ['ServiceUnwell'],
      summary: 'catalog is unhealthy',
      dependants: 'gateway, order (ServiceUnwell)',
    },
  ]);
  for (let i = 0; i < 600; i++) pager.take({ ...body, receiver: String(i) });
  expect(pager.list()).toHaveLength(500);
  expect(pager.list().at(-1)?.receiver).toBe('599');
});

it.each([[{}], [{ ...BODY, status: 'maybe' }], [{ ...BODY, alerts: 'none' }], [[]]])('refuses %j', (body) => {
  expect(pageBody.safeParse(body).success).toBe(false);
});
