import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incidentsOf } from './incidents.ts';
import type { Status } from './status.ts';

const change = (
  at: number,
  service: string,
  to: Status,
  reason = `${service} ${to}`,
  causedBy: readonly string[] = [],
) => ({
  at: at * 1000,
  service,
  from: 'unknown' as const,
  to,
  reason,
  causedBy,
});

describe('incidentsOf', () => {
  it('joins what services suffered at one time, and keeps apart what did not touch', () => {
    const incidents = incidentsOf([
      change(0, 'user', 'healthy'),
      change(10, 'user', 'degraded'),
      change(12, 'gateway', 'degraded'),
      change(15, 'user', 'unhealthy'),
      { ...change(30, 'gateway', 'degraded', 'slow too', ['user']), from: 'degraded' as const },
      change(40, 'user', 'healthy'),
      change(45, 'gateway', 'healthy'),
      change(400, 'auth', 'unhealthy'),
    ]);
    expect(incidents).toEqual([
      {
        from: 400_000,
        to: null,
        worst: 'unhealthy',
        services: [
          {
            service: 'auth',
            from: 400_000,
            to: null,
            worst: 'unhealthy',
            reason: 'auth unhealthy',
            causedBy: [],
            steps: [{ at: 400_000, status: 'unhealthy', reason: 'auth unhealthy', causedBy: [] }],
          },
        ],
      },
      {
        from: 10_000,
        to: 45_000,
        worst: 'unhealthy',
        services: [
          {
            service: 'user',
            from: 10_000,
            to: 40_000,
            worst: 'unhealthy',
            reason: 'user degraded',
            causedBy: [],
            steps: [
              { at: 10_000, status: 'degraded', reason: 'user degraded', causedBy: [] },
              { at: 15_000, status: 'unhealthy', reason: 'user unhealthy', causedBy: [] },
              { at: 40_000, status: 'healthy', reason: 'user healthy', causedBy: [] },
            ],
          },
          {
            service: 'gateway',
            from: 12_000,
            to: 45_000,
            worst: 'degraded',
            reason: 'gateway degraded',
            causedBy: ['user'],
            steps: [
              { at: 12_000, status: 'degraded', reason: 'gateway degraded', causedBy: [] },
              { at: 30_000, status: 'degraded', reason: 'slow too', causedBy: ['user'] },
              { at: 45_000, status: 'healthy', reason: 'gateway healthy', causedBy: [] },
            ],
          },
        ],
      },
    ]);
  });

  it('leaves out explanations of what began unseen, and keeps the beginning of a long story', () => {
    const again = (at: number, reason: string) => ({
      ...change(at, 'a', 'degraded', reason),
      from: 'degraded' as const,
    });
    expect(incidentsOf([again(5, 'still')])).toEqual([]);
    const long = [
      change(0, 'a', 'degraded', 'begins'),
      ...Array.from({ length: 150 }, (_, i) => again(10 + i, `word ${i}`)),
    ];
    const steps = incidentsOf(long)[0]?.services[0]?.steps.map(({ reason }) => reason);
    expect([steps?.length, steps?.[0], steps?.at(-1)]).toEqual([100, 'begins', 'word 149']);
  });

  it('takes a failure that comes back within a minute as the same one, also after a long one has begun', () => {
    const again = [change(0, 'a', 'degraded'), change(5, 'a', 'healthy'), change(65, 'a', 'degraded')];
    expect(incidentsOf(again)).toHaveLength(1);
    expect(incidentsOf([...again.slice(0, 2), change(66, 'a', 'degraded')])).toHaveLength(2);
    const long = [
      change(0, 'a', 'degraded'),
      change(5, 'b', 'degraded'),
      change(10, 'b', 'healthy'),
      change(500, 'c', 'degraded'),
      change(510, 'c', 'unknown'),
      change(600, 'a', 'healthy'),
    ];
    expect(incidentsOf(long)).toMatchObject([{ from: 0, to: 600_000, services: [{}, {}, {}] }]);
  });

  it('holds every episode once, in order, within its incident (property)', () => {
    const status = fc.constantFrom<Status>('healthy', 'degraded', 'unhealthy', 'unknown');
    const steps = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 90 }), fc.constantFrom('a', 'b', 'c'), status),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(steps, (list) => {
        let at = 0;
        const changes = list.map(([wait, service, to]) => change((at += wait), service, to));
        const incidents = incidentsOf(changes).toReversed();
        let begun = 0;
        for (const service of ['a', 'b', 'c']) {
          let unwell = false;
          for (const one of changes.filter((c) => c.service === service)) {
            const now = one.to === 'degraded' || one.to === 'unhealthy';
            if (now && !unwell) begun++;
            unwell = now;
          }
        }
        expect(incidents.reduce((sum, { services }) => sum + services.length, 0)).toBe(begun);
        for (const [i, incident] of incidents.entries()) {
          const before = incidents[i - 1];
          if (before !== undefined) expect(incident.from - (before.to ?? Infinity)).toBeGreaterThan(60_000);
          for (const { from, to } of incident.services) {
            expect(from).toBeGreaterThanOrEqual(incident.from);
            expect(to ?? Infinity).toBeLessThanOrEqual(incident.to ?? Infinity);
          }
        }
      }),
    );
  });
});
