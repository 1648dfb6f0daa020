import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { loadOnCall } from '../oncall/config/load.ts';
import type { TellingWorld } from './audience.ts';
import { listenersOf } from './audience.ts';
import type { Firing } from './spell.ts';
import { Tellings } from './tell.ts';
import { MINUTE, T0, worldOf } from './testing/world.ts';

/** From and until minutes after T0. */
function firing(labels: Record<string, string>, from: number, until: number | null): Firing {
  const own = Labels.fromRecord({ alertname: 'A', ...labels });
  const [firedAt, endedAt] = [T0 + from * MINUTE, until === null ? null : T0 + until * MINUTE];
  return {
    labels: own,
    source: own,
    activeAt: firedAt,
    firedAt,
    endedAt,
    isCut: false,
    value: 1,
    peak: 1,
    annotations: new Map(),
  };
}

async function told(world: TellingWorld, firings: readonly Firing[], minutes = 300) {
  const audience = await new Tellings({ world, pause: () => Promise.resolve() }).run(
    firings,
    T0 + minutes * MINUTE,
  );
  const notices = audience.notices.map(
    ({ at, receiver, person, reason, firing: some }) =>
      `${(at - T0) / MINUTE} ${person ?? receiver} ${reason} ${some}`,
  );
  return { ...audience, notices, listeners: listenersOf(audience.notices) };
}

describe('whom firings would have reached', () => {
  it('is told by groups and their timers: together, again when more fire, after the repeat interval, and at the end', async () => {
    const { notices, listeners } = await told(worldOf(), [
      firing({ job: 'a' }, 0, 90),
      firing({ job: 'b' }, 0, 2),
      firing({ job: 'c' }, 7, 90),
    ]);
    expect(notices).toEqual([
      '0.5 team first 2',
      '5.5 team new_resolved 1',
      '10.5 team new_firing 2',
      '75.5 team repeat 2',
      '90.5 team all_resolved 0',
    ]);
    expect(listeners).toEqual([{ receiver: 'team', person: null, notices: 5, firing: 4 }]);
  });

  it('begins anew with a group that had emptied, and says why nobody hears', async () => {
    const short = firing({}, 0, 0.25);
    const { notices, held, told: who } = await told(worldOf(), [short, firing({}, 20, null)], 30);
    expect(notices).toEqual(['20.5 team first 1']);
    expect(held.get(short)).toBe('it ended before anybody was told that it fired');
    expect(who.get(short)).toBeUndefined();
  });

  it('follows routes, mute times, maintenance and receivers without anybody', async () => {
    const world = worldOf(
      `
route:
  receiver: all
  group_wait: 0s
  routes:
    - { receiver: night, matchers: [ 'team="night"' ], mute_time_intervals: [ always ] }
    - { receiver: nobody, matchers: [ 'team="nobody"' ] }
time_intervals: [ { name: always, time_intervals: [ {} ] } ]
receivers: [ { name: all, webhook_configs: [ { url: 'http://a/' } ] }, { name: night, webhook_configs: [ { url: 'http://n/' } ] }, { name: nobody } ]
`,
      { maintaining: (labels) => (labels.get('team') === 'off' ? ['window'] : []) },
    );
    const firings = ['night', 'nobody', 'off', 'on'].map((team) => firing({ team, alertname: team }, 1, 3));
    const { notices, held } = await told(world, firings, 10);
    expect(notices.filter((one) => one.endsWith(' 1'))).toEqual(['1 all first 1']);
    expect(firings.map((one) => held.get(one))).toEqual([
      'the route is muted in always',
      'receiver "nobody" has nobody to tell',
      expect.stringContaining('window'),
      undefined,
    ]);
  });

  it('are the people on call at that time, level by level, as long as nobody acknowledges', async () => {
    const receivers = `
route: { receiver: pager, group_wait: 0s, group_interval: 5m }
receivers:
  - { name: pager }
  - { name: ada, webhook_configs: [ { url: 'http://ada/' } ] }
  - { name: bob, webhook_configs: [ { url: 'http://bob/' } ] }
`;
    const loaded = loadOnCall(
      {
        name: 'on-call.yml',
        text: `
people: [ { name: Ada, contacts: [ada] }, { name: Bob, contacts: [bob] } ]
schedules: [ { name: s, layers: [ { people: [Ada, Bob], start: 2026-01-01T00:00, every: 1d } ] } ]
policies: [ { name: p, levels: [ { tell: [ { schedule: s } ], times: 1, every: 10m }, { tell: [ { person: Bob } ], times: 1, every: 10m } ] } ]
escalate: [ { receiver: pager, policy: p } ]
`,
      },
      new Set(['pager', 'ada', 'bob']),
    );
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const world = worldOf(receivers, {
      onCall: loaded.config,
      turn: (_, at) => (at < T0 + 60 * MINUTE ? 'Ada' : 'Bob'),
    });
    const one = firing({ severity: 'critical' }, 0, 30);
    const { notices, told: who } = await told(world, [one, firing({ severity: 'critical' }, 100, 102)], 200);
    expect(notices).toEqual([
      '0 Ada paged 1',
      '10 Bob paged 1',
      '30 Ada all_resolved 0',
      '30 Bob all_resolved 0',
      '100 Bob paged 1',
      '105 Bob all_resolved 0',
    ]);
    expect(who.get(one)?.map(({ person }) => person)).toEqual(['Ada', 'Bob']);
  });
});
