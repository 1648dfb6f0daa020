import { describe, expect, it } from 'vitest';
import { closest, THRESHOLD } from './correlation.ts';
import type { Member, Sighting } from './incident.ts';
import { MINUTE, RULES, SHOP, START, sighting } from './testing/world.ts';
import { tieOf, tieWords } from './topology.ts';

const NOW = START + 10 * MINUTE;

function member(alert: Sighting, more: Partial<Member> = {}): Member {
  return {
    ...alert,
    lastBeganAt: alert.startsAt,
    endedAt: null,
    times: 1,
    joinedAt: alert.startsAt,
    why: { to: '', reasons: [], score: 0 },
    from: '',
    ...more,
  };
}

const later = (ms: number) => ({ startsAt: START + ms, signAt: START + ms });
const place = (labelled: Readonly<Record<string, string>>) => ({ labelled });

describe('an alert and one of an incident', () => {
  it.each<readonly [string, Sighting, Member, readonly string[] | null]>([
    [
      'the same service, at once',
      sighting('Slow order', later(20_000)),
      member(sighting('Errors order')),
      ['the same service: order', 'began 20 s after Errors of order'],
    ],
    [
      'who calls it, minutes later',
      sighting('Slow gateway', later(4 * MINUTE)),
      member(sighting('Errors order')),
      ['gateway calls order', 'began 4 min after Errors of order'],
    ],
    [
      'two calls apart',
      sighting('Slow order', later(4 * MINUTE)),
      member(sighting('Down store')),
      ['order calls store over user', 'began 4 min after Down of store'],
    ],
    [
      'two calls apart, too late',
      sighting('Slow order', later(6 * MINUTE)),
      member(sighting('Down store')),
      null,
    ],
    [
      'the same service while it lasts',
      sighting('Slow order', later(60 * MINUTE)),
      member(sighting('Errors order')),
      ['the same service: order', 'began while Errors of order lasted'],
    ],
    [
      'the same service long after it ended',
      sighting('Slow order', later(60 * MINUTE)),
      member(sighting('Errors order'), { endedAt: START + MINUTE }),
      null,
    ],
    [
      'both use the same, at once',
      sighting('Slow auth', later(30_000)),
      member(sighting('Slow user')),
      ['began 30 s after Slow of user', 'auth and user both call store', 'the same alertname=Slow'],
    ],
    [
      'the gateway calls both, and nothing else',
      sighting('Slow auth'),
      member(sighting('Full catalog')),
      null,
    ],
    ['only the time', sighting('Slow a'), member(sighting('Full b')), null],
    ['only the name of the rule', sighting('Down a', later(2 * MINUTE)), member(sighting('Down b')), null],
    [
      'the same rule at once',
      sighting('Down a', later(30_000)),
      member(sighting('Down b')),
      ['began 30 s after Down of b', 'the same alertname=Down'],
    ],
    [
      'the same machine',
      sighting('Disk', { ...later(MINUTE), ...place({ instance: 'h1:9100' }) }),
      member(sighting('Load', place({ instance: 'h1:9100' }))),
      ['the same instance=h1:9100', 'began 1 min after Load of h1:9100'],
    ],
    [
      'only what everything has',
      sighting('Disk', place({ namespace: 'prod', cluster: 'eu', severity: 'critical', team: 'a' })),
      member(sighting('Load', place({ namespace: 'prod', cluster: 'eu', severity: 'critical', team: 'a' }))),
      null,
    ],
    [
      'another machine of the same job, hours apart',
      sighting('Disk', {
        ...later(60 * MINUTE),
        services: ['node'],
        ...place({ job: 'node', instance: 'h2:9100' }),
      }),
      member(sighting('Load', { services: ['node'], ...place({ job: 'node', instance: 'h1:9100' }) })),
      null,
    ],
    [
      'another pod of which the same exporter tells, hours apart',
      sighting('Crash', {
        ...later(60 * MINUTE),
        services: ['kube'],
        ...place({ job: 'kube', instance: 'k:8080', pod: 'b-1' }),
      }),
      member(
        sighting('Stuck', { services: ['kube'], ...place({ job: 'kube', instance: 'k:8080', pod: 'a-1' }) }),
      ),
      null,
    ],
    [
      'the same machine of the same job, hours apart',
      sighting('Disk', {
        ...later(60 * MINUTE),
        services: ['node'],
        ...place({ job: 'node', instance: 'h1:9100' }),
      }),
      member(sighting('Load', { services: ['node'], ...place({ job: 'node', instance: 'h1:9100' }) })),
      ['the same instance=h1:9100, job=node', 'the same service: node', 'began while Load of node lasted'],
    ],
    [
      'a trace, hours apart',
      sighting('Slow x', { ...later(300 * MINUTE), traces: ['abc'] }),
      member(sighting('Errors y', { traces: ['abc'] })),
      ['both name the trace abc', 'began while Errors of y lasted'],
    ],
    [
      'its condition held before the other fired',
      sighting('Slow order', { startsAt: START + 9 * MINUTE, signAt: START - 30_000 }),
      member(sighting('Down user')),
      ['order calls user', 'began 30 s before Down of user'],
    ],
    [
      'what it is about names the other',
      sighting('BreakerOpen x', { services: ['x', 'user'], ...later(10_000) }),
      member(sighting('Down user')),
      ['the same service: user', 'began 10 s after Down of user'],
    ],
  ])('%s', (_name, alert, known, expected) => {
    const around = { rules: RULES, calls: SHOP, inhibitedBy: new Set<string>(), openedAt: START };
    const why = closest(alert, [known], around, NOW);
    expect(why?.reasons.map(({ text }) => text) ?? null).toEqual(expected);
    if (why !== null) expect(why.score).toBeGreaterThanOrEqual(THRESHOLD);
  });

  it('is not taken for its service alone once the incident is a day old, however late the other one joined', () => {
    const why = (days: number) => {
      const now = START + days * 86_400_000;
      const began = { startsAt: now, signAt: now };
      const other = member(sighting('Errors order', { startsAt: now - 60 * MINUTE }));
      const around = { rules: RULES, calls: SHOP, inhibitedBy: new Set<string>(), openedAt: START };
      return closest(sighting('Slow order', began), [other], around, now)?.score ?? null;
    };
    expect([why(0.9), why(1.1)]).toEqual([50, null]);
  });

  it('belongs where it is kept quiet by', () => {
    const around = {
      rules: { ...RULES, windowMs: 1000, hops: 0 },
      calls: SHOP,
      openedAt: START,
      inhibitedBy: new Set(['Down store']),
    };
    const why = closest(
      sighting('Slow b', later(60 * MINUTE)),
      [member(sighting('Down store'))],
      around,
      NOW,
    );
    expect(why?.reasons.map(({ text }) => text)).toEqual([
      'kept quiet by Down of store',
      'began while Down of store lasted',
    ]);
  });
});

describe('the map', () => {
  it.each([
    ['order', 'order', 0, 'the same service: order'],
    ['user', 'order', 1, 'order calls user'],
    ['gateway', 'store', 2, 'gateway calls store over auth'],
    ['gateway', 'store', 1, null],
    ['auth', 'user', 2, 'auth and user both call store'],
    ['auth', 'user', 1, null],
    ['auth', 'catalog', 2, 'gateway calls both auth and catalog'],
    ['auth', 'nobody', 2, null],
  ])('%s and %s within %s', (a, b, hops, expected) => {
    const tie = tieOf(a, b, SHOP, hops);
    expect(tie === null ? null : tieWords(a, b, tie)).toBe(expected);
  });
});
