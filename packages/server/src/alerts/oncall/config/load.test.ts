import { describe, expect, it } from 'vitest';
import { loadOnCall, NO_ON_CALL, type OnCallConfig } from './load.ts';

const RECEIVERS = new Set(['ada-phone', 'grace-phone', 'pager', 'team']);
const GOOD = `
time_zone: Europe/Berlin
people:
  - { name: ada, contacts: [ada-phone] }
  - { name: grace, contacts: [grace-phone, team] }
time_intervals:
  - { name: nights, time_intervals: [ { times: [ { start_time: '22:00', end_time: '24:00' } ] } ] }
schedules:
  - name: platform
    layers:
      - { name: week, people: [ada, grace], start: 2026-01-05T09:00, every: 1w }
      - { people: [grace], start: 2026-01-05, every: 1d, during: [nights] }
    overrides:
      - { person: ada, from: 2026-07-01T09:00, until: '2026-07-02T07:00:00Z' }
policies:
  - name: default
    levels:
      - { tell: [ { schedule: platform } ], times: 2, every: 5m }
      - { tell: [ { person: grace }, { receiver: team } ], every: 15m }
    repeat: 1
    acknowledged_for: 4h
escalate:
  - { receiver: pager, policy: default }
`;

const load = (text: string) => loadOnCall({ name: 'oncall.yml', text }, RECEIVERS);
function config(text: string): OnCallConfig {
  const loaded = load(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

describe('a file of who is on call', () => {
  it('says who is told when', () => {
    const { schedules, policies, hooks, people, zone } = config(GOOD);
    expect([zone, [...hooks], people.map(({ name }) => name)]).toEqual([
      'Europe/Berlin',
      [['pager', 'default']],
      ['ada', 'grace'],
    ]);
    expect(schedules).toMatchObject([
      {
        name: 'platform',
        zone: 'Europe/Berlin',
        layers: [
          {
            name: 'week',
            people: ['ada', 'grace'],
            start: Date.UTC(2026, 0, 5, 9),
            lengthMs: 604_800_000,
            during: null,
          },
          { name: 'layer 2', start: Date.UTC(2026, 0, 5), during: [{ times: [{ start: 1320, end: 1440 }] }] },
        ],
        // By the schedule's clock, or by the time's own zone.
        overrides: [{ person: 'ada', from: Date.UTC(2026, 6, 1, 7), until: Date.UTC(2026, 6, 2, 7) }],
      },
    ]);
    const levels = [
      { targets: [{ kind: 'schedule', name: 'platform' }], times: 2, everyMs: 300_000 },
      {
        targets: [
          { kind: 'person', name: 'grace' },
          { kind: 'receiver', name: 'team' },
        ],
        times: 2,
        everyMs: 900_000,
      },
    ];
    expect(policies).toMatchObject([
      {
        name: 'default',
        repeat: 1,
        acknowledgedForMs: 14_400_000,
        rules: [
          { name: 'critical', delayMs: 0, during: null, levels },
          { delayMs: 0, during: null },
          { name: 'warning', delayMs: 900_000, during: null },
          { name: 'info', delayMs: 0, during: { intervals: [{ zone: 'Europe/Berlin' }] } },
        ],
      },
    ]);
  });

  it('may be empty', () => {
    expect(config('')).toBe(NO_ON_CALL);
    expect(config('# nobody yet')).toBe(NO_ON_CALL);
    expect(config('people: []').hooks.size).toBe(0);
  });

  it.each<readonly [string, string, string, string]>([
    [
      'a name it does not know',
      'scedules: []',
      '1:11',
      'unknown field "scedules"; did you mean "schedules"?',
    ],
    ['a zone', 'time_zone: Mars/Base', '1:12', 'unknown time zone Mars/Base; write it like Europe/Berlin'],
    ['nobody to reach', 'people: [ { name: ada } ]', '1:11', '"ada" has no contacts and could not be told'],
    [
      'a receiver',
      'people: [ { name: ada, contacts: [nobody] } ]',
      '1:34',
      `Alertmanager's file has no receiver "nobody"`,
    ],
    [
      'a person twice',
      'people: [ { name: ada, contacts: [team] }, { name: ada, contacts: [team] } ]',
      '1:44',
      'person "ada" is there twice',
    ],
    [
      'a schedule of nobody',
      'schedules: [ { name: s } ]',
      '1:14',
      'schedule "s" has no layers: nobody would be on call',
    ],
    [
      'a person that is not there',
      'schedules: [ { name: s, layers: [ { people: [eve], start: 2026-01-05, every: 1d } ] } ]',
      '1:45',
      'there is no person "eve"',
    ],
    [
      'a start that is none',
      'people: [ { name: ada, contacts: [team] } ]\nschedules: [ { name: s, layers: [ { people: [ada], start: 2026-02-30, every: 1d } ] } ]',
      '2:59',
      '"2026-02-30" is not a time such as 2026-01-05T09:00',
    ],
    [
      'a turn too short',
      'people: [ { name: ada, contacts: [team] } ]\nschedules: [ { name: s, layers: [ { people: [ada], start: 2026-01-05, every: 5m } ] } ]',
      '2:78',
      'a turn takes from 1h to 366d, in whole minutes',
    ],
    [
      'a policy without levels',
      'policies: [ { name: p } ]',
      '1:13',
      'there are no levels: nobody would be told',
    ],
    [
      'a level of nobody',
      'policies: [ { name: p, levels: [ { every: 5m } ] } ]',
      '1:34',
      'a level tells nobody',
    ],
    [
      'two in one',
      'policies: [ { name: p, levels: [ { tell: [ { person: a, receiver: team } ] } ] } ]',
      '1:44',
      'expected one of "schedule", "person" and "receiver"',
    ],
    [
      'a schedule that is not there',
      'policies: [ { name: p, levels: [ { tell: [ { schedule: s } ] } ] } ]',
      '1:56',
      'there is no schedule "s"',
    ],
    [
      'a policy that is not there',
      'escalate: [ { receiver: pager, policy: p } ]',
      '1:40',
      'there is no policy "p"',
    ],
    [
      'what is no YAML',
      'people: [',
      '1:10',
      'Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 10:',
    ],
  ])('refuses %s, with its place', (_name, text, at, message) => {
    const loaded = load(text);
    expect(loaded).toMatchObject({ ok: false });
    if (loaded.ok) return;
    expect(loaded.problems.map((one) => [one.where, one.message])).toContainEqual([
      `oncall.yml:${at}`,
      message,
    ]);
  });
});
