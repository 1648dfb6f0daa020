import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActiveUsers } from './active-users.ts';
import { conditionsOf, createMonitoring, duration, statusOf, uptime } from './monitoring.ts';
import { createRateLimiter, take } from './rate-limit.ts';
import { createStats } from './stats.ts';

describe('the rate limiter', () => {
  const rules = { perSecond: 2, burst: 4 };

  it('lets a burst through, then as many as come in', () => {
    let now = 0;
    const limit = createRateLimiter(rules, () => now);
    expect([1, 2, 3, 4].map(() => limit('a'))).toEqual([0, 0, 0, 0]);
    expect(limit('a')).toBe(0.5);
    expect(limit('b')).toBe(0);
    now = 500;
    expect(limit('a')).toBe(0);
    expect(limit('a')).toBeGreaterThan(0);
  });

  it('never lets more through than burst plus what came in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 200 }), (gaps) => {
        let now = 0;
        let bucket: ReturnType<typeof take>['bucket'] | undefined;
        let passed = 0;
        for (const gap of gaps) {
          now += gap;
          const taken = take(bucket, rules, now);
          bucket = taken.bucket;
          if (taken.retryAfterSeconds === 0) passed++;
        }
        return passed <= rules.burst + (now / 1000) * rules.perSecond + 1e-6;
      }),
    );
  });
});

describe('active users', () => {
  it('are counted once each, and leave after five quiet minutes', () => {
    let now = 0;
    const users = createActiveUsers(() => now);
    users.seen('a');
    users.seen('b');
    now = 200_000;
    users.seen('a');
    expect(users.count()).toBe(2);
    now = 400_000;
    expect(users.count()).toBe(1);
    now = 600_000;
    expect(users.count()).toBe(0);
  });
});

describe('the counters', () => {
  it('forget what is older than their window and count only server errors as failures', () => {
    let now = 0;
    const stats = createStats(() => now);
    stats.record('auth', 401, 10);
    stats.record('auth', 503, 30);
    expect(stats.figures('auth')).toEqual({ requests: 2, failures: 1, errorRate: 0.5, meanMs: 20 });
    now = 61_000;
    expect(stats.figures('auth')).toEqual({ requests: 0, failures: 0, errorRate: 0, meanMs: null });
    expect(stats.totals).toEqual({ total: 2, failed: 1 });
  });
});

describe('monitoring', () => {
  const figures = (errorRate: number) => ({ requests: 10, failures: 0, errorRate, meanMs: 5 });

  it('calls an upstream by its error rate and its breaker', () => {
    expect(statusOf(figures(0), 'CLOSED')).toBe('healthy');
    expect(statusOf(figures(0.05), 'CLOSED')).toBe('degraded');
    expect(statusOf(figures(0), 'HALF_OPEN')).toBe('degraded');
    expect(statusOf(figures(0), 'OPEN')).toBe('unhealthy');
    expect(statusOf(figures(0.5), 'CLOSED')).toBe('unhealthy');
    expect(conditionsOf('user', figures(0), 'CLOSED')).toEqual([]);
    expect(conditionsOf('user', figures(0.6), 'OPEN').map((c) => c.level)).toEqual(['critical', 'critical']);
  });

  it('writes durations as people read them', () => {
    expect(uptime((2 * 1440 + 14 * 60 + 32) * 60_000)).toBe('2d 14h 32m');
    expect([duration(40_000), duration(900_000), duration(7_500_000)]).toEqual(['40s', '15m', '2h 5m']);
  });

  it('remembers since when something is wrong, and forgets it when it is over', () => {
    let now = 1_000;
    let state: 'OPEN' | 'CLOSED' = 'OPEN';
    const counts = {
      requests: 0,
      total_successes: 0,
      total_failures: 0,
      consecutive_successes: 0,
      consecutive_failures: 0,
    };
    const monitoring = createMonitoring({
      stats: createStats(() => now),
      breakers: () => [
        {
          service: 'user',
          name: 'user-client',
          state,
          counts,
          last_change: null,
          forced: false,
          forced_until: null,
        },
      ],
      clock: { now: () => now, monotonic: () => now },
      version: '1',
    });
    monitoring.tick();
    now += 90_000;
    expect(monitoring.dashboard()).toMatchObject({
      gateway: { status: 'degraded', uptime: '0d 0h 1m', requests: { total: 0, rate: '100.0%' } },
      services: { user: { status: 'unhealthy', circuit_breaker: 'OPEN', response_time: null } },
      alerts: [{ level: 'critical', service: 'user', timestamp: '1970-01-01T00:00:01.000Z', duration: '1m' }],
    });
    state = 'CLOSED';
    expect(monitoring.dashboard().alerts).toEqual([]);
  });
});
