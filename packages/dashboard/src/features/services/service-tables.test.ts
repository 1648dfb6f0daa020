import { expect, it } from 'vitest';
import { routeQuery } from './route-chart.tsx';
import { breakerLook } from './service-tables.tsx';

it('names breaker states as the SDK labels them, and lets only an open one alarm', () => {
  expect(breakerLook('CLOSED')).toEqual({ word: 'closed', tone: 'closed' });
  expect(breakerLook('HALF_OPEN')).toEqual({ word: 'half-open', tone: 'half' });
  expect(breakerLook('open')).toEqual({ word: 'open', tone: 'open' });
});

it('quotes a service name for PromQL, whatever it holds', () => {
  expect(routeQuery('a"} or vector(1) #')).toContain('{service="a\\"} or vector(1) #"}');
});
