import { describe, expect, it } from 'vitest';
import type { Incident } from '../../health/index.ts';
import { statisticalExplainer } from './explain.ts';
import type { Facts } from './facts.ts';
import { confidenceOf, rankSuspects } from './rank.ts';
import { suspectRenderer } from './root-cause.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const ago = (minutes: number): number => NOW - minutes * 60_000;

type Episode = Incident['services'][number];
const episode = (service: string, from: number, rest: Partial<Episode> = {}): Episode => ({
  service,
  from,
  to: null,
  worst: 'unhealthy',
  reason: 'it does not answer',
  causedBy: [],
  steps: [],
  ...rest,
});
const incident = (...services: Episode[]): Incident => ({
  from: Math.min(...services.map(({ from }) => from)),
  to: null,
  worst: 'unhealthy',
  services,
});
const facts = (some: Partial<Facts>): Facts => ({
  from: ago(15),
  to: NOW,
  services: [],
  incidents: [],
  errors: [],
  opened: [],
  deviations: [],
  endpoints: [],
  deployments: [],
  known: [],
  warnings: [],
  ...some,
});
const ranked = (some: Partial<Facts>) =>
  rankSuspects(facts(some)).map(({ kind, name, service }) => [kind, name, service]);

/** `user` is down; `order` and `gateway` suffer from it. */
const userDown = incident(
  episode('user', ago(5)),
  episode('order', ago(4.8), {
    worst: 'degraded',
    causedBy: ['user'],
    reason: '20 % of its requests failed',
  }),
  episode('gateway', ago(4.5), {
    worst: 'degraded',
    causedBy: ['user'],
    reason: '10 % of its requests failed',
  }),
);
const opened = (upstream: string, service = 'order') => ({
  tenant: 'default',
  service,
  name: `${upstream}-client`,
  instance: 'a',
  upstream,
  at: ago(4.7),
  from: 'CLOSED' as const,
  to: 'OPEN' as const,
  reason: '5 failures in a row',
  counts: {
    requests: 5,
    total_successes: 0,
    total_failures: 5,
    consecutive_successes: 0,
    consecutive_failures: 5,
  },
});
const deviation = (service: string, signal: 'cpu_percent' | 'latency_p95') => ({
  service,
  signal,
  direction: 'above' as const,
  from: ago(6),
  to: null,
  value: 95,
  usual: 5,
  score: 30,
  confidence: 0.9,
});
const deployment = (minutes: number, service?: string) => ({
  id: 'd',
  time: ago(minutes),
  kind: 'deployment' as const,
  ...(service !== undefined && { service }),
  title: `${service ?? 'everything'} 2.1`,
  text: '',
  tags: [],
});
const error = (service: string, severity: 'low' | 'critical' = 'critical') => ({
  why: 'new' as const,
  group: 'a'.repeat(16),
  service,
  name: 'TypeError',
  message: 'x is not a function',
  culprit: 'load in order',
  type: 'internal' as const,
  severity,
  count: 20,
  expected: 0,
  at: ago(5),
});

describe('the ranking of suspects', () => {
  it('names nobody when nothing is wrong', async () => {
    expect(ranked({ deployments: [deployment(5, 'order')] })).toEqual([]);
    expect(confidenceOf([])).toBeNull();
    const said = await statisticalExplainer.explain(facts({}), [], null);
    expect(said).toMatchObject({ severity: 'NORMAL', confidence: 0, by: 'statistics' });
  });

  it('puts the service that others suffer from first, whoever has the louder symptoms', () => {
    const suspects = rankSuspects(
      facts({
        incidents: [userDown],
        opened: [opened('user')],
        errors: [error('order'), error('gateway')],
        deviations: [deviation('order', 'latency_p95')],
      }),
    );
    expect(suspects[0]).toMatchObject({ kind: 'service', name: 'user', affected: ['gateway', 'order'] });
    expect(suspects[0]?.evidence.map(({ kind }) => kind)).toEqual([
      'health',
      'breaker',
      'dependency',
      'dependency',
      'order',
    ]);
    expect(confidenceOf(suspects)).toBeGreaterThan(0.6);
  });

  it('does not call a symptom what a service takes of its own machine', () => {
    const both = rankSuspects(
      facts({ incidents: [userDown], deviations: [deviation('order', 'cpu_percent')] }),
    ).find(({ name }) => name === 'order');
    const without = rankSuspects(facts({ incidents: [userDown] })).find(({ name }) => name === 'order');
    expect(both?.score).toBeGreaterThan(0.3);
    expect(without).toBeUndefined();
  });

  it('names what breakers stand before where that is no service that is known', () => {
    expect(ranked({ opened: [opened('mongodb')] })[0]).toEqual(['dependency', 'mongodb', '']);
    const down = incident(episode('catalog', ago(5)));
    expect(ranked({ incidents: [down], opened: [opened('catalog')] })[0]).toEqual([
      'service',
      'catalog',
      'catalog',
    ]);
  });

  it('ranks a change above the service that it broke, and forgets changes that came after or long before', () => {
    const broken = { incidents: [incident(episode('order', ago(5)))] };
    expect(ranked({ ...broken, deployments: [deployment(7, 'order')] })).toEqual([
      ['change', 'order 2.1', 'order'],
      ['service', 'order', 'order'],
    ]);
    expect(ranked({ ...broken, deployments: [deployment(7)] })[0]).toEqual([
      'change',
      'everything 2.1',
      'order',
    ]);
    for (const minutes of [1, 50])
      expect(ranked({ ...broken, deployments: [deployment(minutes, 'order')] })).toHaveLength(1);
    expect(ranked({ ...broken, deployments: [deployment(7, 'catalog')] })).toHaveLength(1);
  });

  it('tells of a change first what it was and to roll it back, however much its health weighs', async () => {
    const broken = facts({
      incidents: [incident(episode('order', ago(5)))],
      errors: [error('order')],
      deployments: [deployment(25, 'order')],
    });
    const suspects = rankSuspects(broken);
    const [change] = suspects;
    expect(change).toMatchObject({ kind: 'change', name: 'order 2.1' });
    expect(change?.evidence.map(({ kind }) => kind)).toEqual(['deployment', 'health', 'error']);
    expect(change === undefined ? [] : suspectRenderer()(change).actions[0]).toContain('roll it back');
    const said = await statisticalExplainer.explain(broken, suspects, confidenceOf(suspects));
    expect(said.analysis).toContain('The likeliest cause is the change "order 2.1" of order: order 2.1 at ');
    expect(said.recommendations[0]).toContain('roll it back');
  });

  it.each([
    [12, 'order 2.1 at 2026-01-01T11:48:00.000Z, 7 minutes before the trouble of order began'],
    [6, 'order 2.1 at 2026-01-01T11:54:00.000Z, a minute before the trouble of order began'],
    [5.1, 'order 2.1 at 2026-01-01T11:54:54.000Z, as the trouble of order began'],
    [4.5, 'order 2.1 at 2026-01-01T11:55:30.000Z, as the trouble of order began'],
  ])('says how long before the trouble a change was: %s minutes ago', (minutes, expected) => {
    const [change] = rankSuspects(
      facts({
        incidents: [incident(episode('order', ago(5)))],
        deployments: [deployment(minutes, 'order')],
      }),
    );
    expect(change?.evidence[0]?.message).toBe(expected);
  });

  it('does not take the beginning of the window for that of an error that rises in it', () => {
    const rising = { ...error('order'), why: 'rising' as const, expected: 2, at: null };
    const broken = { incidents: [incident(episode('order', ago(5)))], errors: [rising] };
    expect(ranked({ ...broken, deployments: [deployment(7, 'order')] })[0]).toEqual([
      'change',
      'order 2.1',
      'order',
    ]);
  });

  it('tells nothing known from nothing wrong, and from what was not asked about', async () => {
    const said = async (some: Partial<Facts>, suspects = rankSuspects(facts(some))) =>
      await statisticalExplainer.explain(facts(some), suspects, confidenceOf(suspects));
    expect(await said({})).toMatchObject({
      analysis: expect.stringContaining('Nothing is known'),
      confidence: 0,
    });
    const catalog = {
      name: 'catalog',
      status: 'healthy' as const,
      since: ago(60),
      reasons: [],
      sources: [],
      causedBy: [],
      waitsForMachine: false,
      instances: [],
    };
    expect(await said({ services: [{ ...catalog, status: 'unknown' }] })).toMatchObject({
      analysis: expect.stringContaining('Nothing is known'),
    });
    // Of the past no states are told, and yet something is known.
    expect(await said({ known: ['catalog'] })).toMatchObject({
      analysis: expect.stringContaining('Nothing is wrong'),
      confidence: 1,
    });
    expect(await said({ services: [catalog], known: ['catalog'] })).toMatchObject({
      analysis: expect.stringContaining('Nothing is wrong'),
      confidence: 1,
    });
    expect(await said({ services: [catalog], known: ['catalog'], incidents: [userDown] }, [])).toMatchObject({
      analysis: expect.stringContaining('others are not well'),
      severity: 'NORMAL',
    });
    expect((await said({ incidents: [userDown] })).severity).toBe('CRITICAL');
    const order = rankSuspects(facts({ deviations: [deviation('order', 'cpu_percent')] }));
    expect((await said({ incidents: [userDown] }, order)).severity).toBe('WARNING');
  });

  it('says at which endpoint of a suspect it fails, or became slow', () => {
    const endpoint = { method: 'POST', requests: 100, requestsBefore: 100, failedBefore: 0, p95Before: 0.1 };
    const order = { ...endpoint, service: 'order', route: '/order', failed: 40, p95: 0.1 };
    const orders = { ...endpoint, service: 'order', route: '/orders', failed: 0, p95: 2 };
    const other = { ...endpoint, service: 'catalog', route: '/order', failed: 90, p95: 5 };
    expect(
      ranked({ incidents: [incident(episode('order', ago(5)))], endpoints: [order, orders, other] }),
    ).toEqual([
      ['service', 'order', 'order'],
      ['endpoint', 'POST /order', 'order'],
      ['endpoint', 'POST /orders', 'order'],
    ]);
  });

  it.each([
    [15, 'in the 15 minutes before'],
    [1, 'in the minute before'],
    [0.5, 'in the 30 seconds before'],
    [1440, 'in the 24 hours before'],
  ])('says what a slow endpoint is held against, in a window of %s minutes', (minutes, expected) => {
    const figures = {
      requests: 100,
      requestsBefore: 100,
      failed: 0,
      failedBefore: 0,
      p95: 2,
      p95Before: 0.1,
    };
    const slow = rankSuspects(
      facts({
        from: ago(minutes),
        incidents: [incident(episode('order', ago(minutes)))],
        endpoints: [{ ...figures, service: 'order', method: 'GET', route: '/' }],
      }),
    ).find(({ kind }) => kind === 'endpoint');
    expect(slow?.evidence[0]?.message).toBe(
      `95 % of the requests to GET / take up to 2.0 s (100 ms ${expected})`,
    );
  });

  it('ends a sentence once', async () => {
    const some = facts({ errors: [{ ...error('order'), message: 'It broke.' }] });
    const { analysis } = await statisticalExplainer.explain(some, rankSuspects(some), 1);
    expect(analysis).toMatch(/It broke\.$/);
  });

  it('takes errors by their severity, and none of those that an open breaker refused', () => {
    expect(ranked({ errors: [error('order')] })).toEqual([['service', 'order', 'order']]);
    expect(ranked({ errors: [error('order', 'low')] })).toEqual([]);
    expect(ranked({ errors: [{ ...error('order'), type: 'circuit_breaker' }] })).toEqual([]);
  });

  it('is less sure the more speaks for another service', () => {
    const one = rankSuspects(facts({ incidents: [incident(episode('order', ago(5)))] }));
    const two = rankSuspects(
      facts({ incidents: [incident(episode('order', ago(5)), episode('user', ago(5)))] }),
    );
    expect(confidenceOf(one)).toBeCloseTo(0.6);
    expect(confidenceOf(two)).toBeCloseTo(0.3);
  });

  it('keeps every score within 0 and 1 however much speaks for it', () => {
    const suspects = rankSuspects(
      facts({
        incidents: [userDown],
        errors: Array.from({ length: 50 }, () => error('user')),
        opened: ['a', 'b', 'c', 'd', 'e'].map((owner) => opened('user', owner)),
        deviations: [deviation('user', 'cpu_percent'), deviation('user', 'latency_p95')],
        deployments: [deployment(7, 'user')],
      }),
    );
    for (const { score, evidence } of suspects) {
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1);
      expect(evidence.filter(({ kind }) => kind === 'error').length).toBeLessThanOrEqual(3);
    }
  });
});
