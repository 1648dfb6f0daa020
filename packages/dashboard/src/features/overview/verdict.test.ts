import { describe, expect, it } from 'vitest';
import type { ServiceHealth, Status } from '../../api/contracts.ts';
import { combineTrends } from './kpis.tsx';
import { pickServices } from './service-table.tsx';
import { verdictOf } from './verdict.tsx';

const service = (name: string, status: Status, ...causedBy: string[]): ServiceHealth => ({
  name,
  status,
  since: null,
  reasons: [],
  caused_by: causedBy,
  sources: [],
  uptime: { '24h': null },
  instances: [],
});

describe('the verdict', () => {
  it.each<[string, readonly (readonly [string, Status])[]]>([
    [
      'All 2 services are healthy',
      [
        ['a', 'healthy'],
        ['b', 'healthy'],
      ],
    ],
    ['a is healthy', [['a', 'healthy']]],
    [
      'a is unhealthy',
      [
        ['a', 'unhealthy'],
        ['b', 'healthy'],
      ],
    ],
    [
      'a and b are unhealthy, 1 more degraded',
      [
        ['a', 'unhealthy'],
        ['b', 'unhealthy'],
        ['c', 'degraded'],
      ],
    ],
    [
      '3 services are degraded',
      [
        ['a', 'degraded'],
        ['b', 'degraded'],
        ['c', 'degraded'],
      ],
    ],
    [
      'Nothing is known of a; the rest is healthy',
      [
        ['a', 'unknown'],
        ['b', 'healthy'],
      ],
    ],
    [
      'No service has reported its state yet',
      [
        ['a', 'unknown'],
        ['b', 'unknown'],
      ],
    ],
  ])('reads "%s"', (expected, services) => {
    expect(verdictOf(services.map(([name, status]) => service(name, status)))).toBe(expected);
  });
});

describe('the verdict on causes and symptoms', () => {
  it('names where the trouble is before who suffers from it', () => {
    const user = service('user', 'degraded');
    const gateway = service('gateway', 'unhealthy', 'user');
    const order = service('order', 'degraded', 'user');
    const well = service('auth', 'healthy');
    expect(verdictOf([gateway, user, well])).toBe('user is degraded; gateway suffers from it');
    expect(verdictOf([gateway, user, order, well])).toBe(
      'user is degraded; gateway and order suffer from it',
    );
    expect(verdictOf([service('a', 'degraded', 'b'), service('b', 'degraded', 'a'), well])).toBe(
      'a and b are degraded',
    );
  });
});

describe('the figures of all services', () => {
  it('sum requests, weigh errors by requests and take the slowest p95; gaps stay gaps', () => {
    const base = { start: 0, step: 5 };
    expect(
      combineTrends([
        { ...base, requestRate: [9, null, 0], errorRatio: [0, null, null], p95: [0.1, null, null] },
        { ...base, requestRate: [1, null, 0], errorRatio: [1, null, null], p95: [0.4, null, null] },
      ]),
    ).toEqual({ requests: [10, null, 0], errors: [0.1, null, null], slowest: [0.4, null, null] });
    expect(combineTrends([])).toEqual({ requests: [], errors: [], slowest: [] });
  });
});

it('picks the worst, then the busiest, and keeps them in an order that live figures do not shuffle', () => {
  const totals = { errorRate: null, errorRatio: null, p50: null, p95: null, p99: null };
  const many = Array.from({ length: 30 }, (_, index) => ({
    ...totals,
    name: `s${String(index).padStart(2, '0')}`,
    status: index === 3 ? ('unhealthy' as const) : ('healthy' as const),
    requestRate: index,
  }));
  const picked = pickServices(many).map(({ name }) => name);
  expect(picked).toHaveLength(12);
  expect(picked[0]).toBe('s03');
  expect(picked.slice(1)).toEqual([
    's19',
    's20',
    's21',
    's22',
    's23',
    's24',
    's25',
    's26',
    's27',
    's28',
    's29',
  ]);
});
