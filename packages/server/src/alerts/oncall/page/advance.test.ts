import { describe, expect, it } from 'vitest';
import { labelSet } from '../../labels/label-set.ts';
import { alertOf, type FlushedAlert } from '../../received/alert.ts';
import { loadOnCall } from '../config/load.ts';
import type { Policy } from '../config/policy.ts';
import { advancePage, openPage, type PageInput } from './advance.ts';
import { nextTelling } from './next.ts';
import { dueAt, type GroupLook, type Page } from './page.ts';
import type { PageStep, PageWorld } from './step.ts';

const MINUTE = 60_000;
/** A Monday, 08:00 in Berlin: an hour before the office opens. */
const START = Date.UTC(2026, 0, 5, 7);

function policyOf(text: string): Policy {
  const loaded = loadOnCall(
    {
      name: 'o',
      text: `
time_zone: Europe/Berlin
people: [ { name: ada, contacts: [ada-phone, ada-mail] }, { name: boss, contacts: [boss-phone] } ]
schedules: [ { name: s, layers: [ { people: [ada], start: 2026-01-01, every: 1w } ] } ]
policies: [ ${text} ]`,
    },
    new Set(['ada-phone', 'ada-mail', 'boss-phone', 'team']),
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config.policies[0];
}
const DEFAULT = policyOf(
  '{ name: p, levels: [ { tell: [ { schedule: s } ], times: 2, every: 5m }, { tell: [ { person: boss }, { receiver: team } ], times: 1, every: 10m } ] }',
);

const alert = (severity: string, isResolved = false, n = '1'): FlushedAlert => ({
  ...alertOf({
    labels: labelSet([
      ['alertname', 'Down'],
      ['severity', severity],
      ['n', n],
    ]),
    annotations: labelSet([]),
    startsAt: START,
    endsAt: START,
    updatedAt: START,
    isTimeout: false,
    generatorUrl: '',
  }),
  isResolved,
});
const looking = (...alerts: readonly FlushedAlert[]): GroupLook => ({
  alerts,
  free: alerts.filter(({ isResolved }) => !isResolved),
});

/** A page with its clock; `at` are minutes after the start. */
class Run {
  page: Page;
  last: PageStep;
  readonly policy: Policy;
  onCall: string | null = 'ada';
  isReached = true;

  constructor(look: GroupLook, policy: Policy = DEFAULT) {
    this.policy = policy;
    const opened = openPage(
      { id: 'id', receiver: 'pager', group: 'g', route: 'r', groupLabels: labelSet([]) },
      look,
      { now: START, policy },
    );
    if (opened.page === null) throw new Error('no page');
    this.page = opened.page;
    this.last = { page: this.page, decisions: opened.decisions, telling: null };
    if (dueAt(this.page) === START) this.look(0, look);
  }

  do(at: number, input: PageInput): this {
    this.last = advancePage(this.page, input, this.world(at));
    this.page = this.last.page;
    return this;
  }

  look(at: number, look: GroupLook): this {
    return this.do(at, { kind: 'look', look });
  }

  world(at: number): PageWorld {
    return {
      now: START + at * MINUTE,
      policy: this.policy,
      onCall: () => this.onCall,
      contactsOf: (person) => (person === 'ada' ? ['ada-phone', 'ada-mail'] : [`${person}-phone`]),
      isReached: () => this.isReached,
    };
  }

  get told(): readonly string[] | null {
    return this.last.telling?.recipients.map(({ receiver }) => receiver) ?? null;
  }

  get decided(): readonly string[] {
    return this.last.decisions.map(({ outcome, reason }) => `${outcome}: ${reason}`);
  }

  /** In minutes. */
  get due(): number | null {
    const at = dueAt(this.page);
    return at === null ? null : (at - START) / MINUTE;
  }
}

const SHORT = policyOf(
  '{ name: p, acknowledged_for: 30m, levels: [ { tell: [ { schedule: s } ], times: 2, every: 5m } ] }',
);
const QUICK = '{ name: p, levels: [ { tell: [ { schedule: s } ], times: 1, every: 1s } ] }';
const CRITICAL = looking(alert('critical'));
const ack = { kind: 'acknowledge', by: 'ada', via: 'here', note: '' } as const;
const unack = { kind: 'unacknowledge', by: 'ada', via: 'here' } as const;

describe('a page', () => {
  it('of something critical is told at once, again, then to the next level, then to nobody', () => {
    const run = new Run(CRITICAL);
    expect([run.told, run.due]).toEqual([['ada-phone', 'ada-mail'], 5]);
    expect(run.decided).toEqual([
      'escalated: level 1 of policy "p" (critical): ada by ada-phone, ada by ada-mail',
    ]);
    expect(run.look(4, CRITICAL).told).toBeNull();
    expect([run.look(5, CRITICAL).told, run.due]).toEqual([['ada-phone', 'ada-mail'], 10]);
    expect(run.decided[0]).toContain('(critical, time 2 of 2)');
    expect([run.look(10, CRITICAL).told, run.due]).toEqual([['boss-phone', 'team'], 20]);
    expect([run.look(20, CRITICAL).told, run.due, run.page.phase.kind]).toEqual([null, null, 'exhausted']);
    expect(run.decided).toEqual(['held: all levels of policy "p" were told, and nobody acknowledged']);
    expect(run.look(30, CRITICAL).decided).toEqual(['held: everybody was told, and nobody acknowledged']);
  });

  it('is told from the first level on again as often as the policy repeats', () => {
    const run = new Run(CRITICAL, { ...DEFAULT, repeat: 1 });
    for (const at of [5, 10]) run.look(at, CRITICAL);
    expect(run.look(20, CRITICAL).told).toEqual(['ada-phone', 'ada-mail']);
    expect(run.decided[0]).toContain('round 2');
    for (const at of [25, 30]) run.look(at, CRITICAL);
    expect(run.look(40, CRITICAL).page.phase.kind).toBe('exhausted');
  });

  it('goes on when the clock was put back', () => {
    const run = new Run(CRITICAL);
    // A timer waited for it in full, or it is farther away than any step.
    expect(run.look(2, CRITICAL).told).toBeNull();
    const timed = { kind: 'look', look: CRITICAL, timedFor: START + 5 * MINUTE } as const;
    expect([run.do(2, timed).told, run.due]).toEqual([['ada-phone', 'ada-mail'], 7]);
    expect([run.look(-600, CRITICAL).told, run.due]).toEqual([['boss-phone', 'team'], -590]);
    const short = new Run(CRITICAL, SHORT).do(1, ack);
    expect(short.look(-20, CRITICAL).told).toBeNull();
    expect(short.look(-60, CRITICAL).decided[0]).toContain('over');
  });

  it('is acknowledged for longer by who acknowledges again', () => {
    const run = new Run(CRITICAL, SHORT).do(0, ack);
    expect(run.do(0.5, ack).due).toBe(30);
    expect(run.do(20, ack).due).toBe(50);
    expect(run.decided).toEqual(['acknowledged: acknowledged again by ada here']);
    expect(run.look(31, CRITICAL).told).toBeNull();
    expect(run.look(50, CRITICAL).told).not.toBeNull();
    const forever = new Run(CRITICAL).do(0, ack);
    expect(forever.do(20, ack).decided).toEqual([]);
  });

  it('of a warning waits a quarter of an hour, and is told to nobody when it ends before', () => {
    const warning = looking(alert('warning'));
    const run = new Run(warning);
    expect(run.decided).toEqual(['held: policy "p" (warning): told in 15m unless it ends before']);
    expect([run.told, run.due]).toEqual([null, 15]);
    expect(run.look(14, warning).told).toBeNull();
    expect(new Run(warning).look(15, warning).told).toEqual(['ada-phone', 'ada-mail']);
    run.look(14.5, looking(alert('warning', true)));
    expect([run.told, run.page.phase.kind, run.decided]).toEqual([
      null,
      'ended',
      ['ended: all alerts ended before anybody was told'],
    ]);
  });

  it('of what only informs waits for the office', () => {
    const info = looking(alert('info'));
    const run = new Run(info);
    expect([run.told, run.decided, run.due]).toEqual([null, ['held: told in office hours only'], 1]);
    expect(run.look(59, info).told).toBeNull();
    expect(run.page.events.filter(({ what }) => what === 'held')).toHaveLength(1);
    expect(run.look(60, info).told).toEqual(['ada-phone', 'ada-mail']);
  });

  it('without a severity that is known is told at once', () => {
    expect(new Run(looking(alert('p1'))).told).toEqual(['ada-phone', 'ada-mail']);
  });

  it('that no rule matches is none', () => {
    const policy = policyOf(
      '{ name: q, rules: [ { name: r, matchers: [ severity="x" ], levels: [ { tell: [ { receiver: team } ] } ] } ] }',
    );
    const origin = { id: 'id', receiver: 'pager', group: 'g', route: 'r', groupLabels: labelSet([]) };
    const opened = openPage(origin, CRITICAL, { now: START, policy });
    expect(opened).toMatchObject({ page: null, decisions: [{ outcome: 'held' }] });
    expect(openPage(origin, { alerts: CRITICAL.alerts, free: [] }, { now: START, policy })).toEqual({
      page: null,
      decisions: [],
    });
  });

  it('is told to nobody while it is acknowledged, and its end to all who were told', () => {
    const run = new Run(CRITICAL).do(2, ack);
    expect([run.decided, run.due]).toEqual([['acknowledged: acknowledged by ada here'], null]);
    expect(run.look(5, CRITICAL).told).toBeNull();
    expect(run.decided).toEqual(['held: page id was acknowledged by ada']);
    const over = looking(alert('critical', true));
    run.look(7, over);
    expect([run.told, run.last.telling?.isEnd, run.last.telling?.alerts]).toEqual([
      ['ada-phone', 'ada-mail'],
      true,
      over.alerts,
    ]);
    expect(run.look(8, CRITICAL).last).toEqual({ page: run.page, decisions: [], telling: null });
  });

  it('acknowledged twice by one person says so once', () => {
    const run = new Run(CRITICAL).do(2, ack);
    const before = run.page;
    expect(run.do(3, ack).page).toBe(before);
    expect(run.do(3, { ...ack, by: 'boss' }).page.phase).toMatchObject({ by: 'boss' });
  });

  it('goes on where it stood when the acknowledgement is taken back', () => {
    const run = new Run(CRITICAL).look(5, CRITICAL).do(6, ack).look(30, CRITICAL).do(40, unack);
    expect([run.decided, run.due]).toEqual([['unacknowledged: ada took the acknowledgement back here'], 40]);
    expect(run.look(40, CRITICAL).told).toEqual(['boss-phone', 'team']);
    expect(run.do(41, unack).decided).toEqual([]);
  });

  it('goes on when the acknowledgement has held for as long as it may', () => {
    const run = new Run(CRITICAL, { ...DEFAULT, acknowledgedForMs: 30 * MINUTE }).do(2, ack);
    expect(run.due).toBe(32);
    expect(run.look(31, CRITICAL).told).toBeNull();
    expect(run.look(32, CRITICAL).told).toEqual(['ada-phone', 'ada-mail']);
    expect(run.decided[0]).toBe('unacknowledged: the acknowledgement of ada is over');
  });

  it('begins anew when something more urgent joins, also when it was acknowledged', () => {
    const warning = looking(alert('warning'));
    const both = looking(alert('warning'), alert('critical', false, '2'));
    expect(new Run(warning).look(3, both).told).toEqual(['ada-phone', 'ada-mail']);
    const run = new Run(warning).do(2, ack).look(3, both);
    expect([run.told, run.page.rule]).toEqual([['ada-phone', 'ada-mail'], 'critical']);
    // What is less urgent changes nothing.
    expect(run.look(4, warning).page.rule).toBe('critical');
  });

  it('is not told of what is silenced, and is when the silence ends', () => {
    const silenced = { alerts: CRITICAL.alerts, free: [] };
    const run = new Run(CRITICAL).look(5, silenced);
    expect([run.told, run.decided, run.due]).toEqual([
      null,
      ['held: all of its alerts are silenced, inhibited, muted or folded'],
      5.5,
    ]);
    expect(run.look(5.5, CRITICAL).told).toEqual(['ada-phone', 'ada-mail']);
  });

  it('goes to the next level at once where nobody is on call, and says so', () => {
    const run = new Run(looking(alert('warning')));
    run.onCall = null;
    expect(run.look(15, looking(alert('warning'))).told).toEqual(['boss-phone', 'team']);
    expect(run.decided).toEqual([
      'held: nobody is on call in schedule "s"',
      'escalated: level 2 of policy "p" (warning): boss by boss-phone, team',
    ]);
  });

  it('of which nobody at all can be told waits for somebody, and does not say that anybody was', () => {
    const policy = policyOf('{ name: p, repeat: 900, levels: [ { tell: [ { schedule: s } ] } ] }');
    const run = new Run(looking(alert('warning')), policy);
    run.onCall = null;
    const late = looking(alert('warning'));
    expect([run.look(15, late).told, run.due]).toEqual([null, 15.5]);
    expect(run.decided).toEqual([
      'held: nobody is on call in schedule "s"',
      'held: no level of policy "p" has anybody to tell: it is told when one has',
    ]);
    const { length } = run.page.events;
    expect([run.look(15.5, late).told, run.due, run.page.events.length]).toEqual([null, 16, length]);
    run.onCall = 'ada';
    expect(run.look(16, late).told).toEqual(['ada-phone', 'ada-mail']);
  });

  it('keeps long texts of its alerts short: it must fit into the state', () => {
    const long = alert('critical');
    const wordy = { ...long, annotations: labelSet([['summary', 'x'.repeat(900_000)]]) };
    const { annotations } = new Run(looking(wordy)).page;
    expect(annotations.get('summary')).toBe(`${'x'.repeat(999)}…`);
  });

  it('goes on at once when nobody of a level could be reached, unless somebody answered since', () => {
    const unreached = { kind: 'unreached', telling: 1, look: CRITICAL } as const;
    const run = new Run(CRITICAL).do(1, unreached);
    expect([run.told, run.due]).toEqual([['boss-phone', 'team'], 11]);
    expect(run.do(2, unreached).told).toBeNull();
    expect(new Run(CRITICAL).do(1, ack).do(2, unreached).told).toBeNull();
  });

  it('goes on in its time when nobody of the last level could be reached, and there is no other', () => {
    const run = new Run(CRITICAL, SHORT);
    // Time 2 is told all the same, and who knew of it before is not told again.
    expect([run.do(4.5, { kind: 'unreached', telling: 1, look: CRITICAL }).told, run.due]).toEqual([null, 5]);
    expect(run.decided).toEqual([
      'held: nobody of the last level could be reached, and there is no other one',
    ]);
    expect(run.look(5, CRITICAL).told).not.toBeNull();
    run.do(5.1, { kind: 'unreached', telling: 2, look: CRITICAL });
    expect([run.page.phase.kind, run.due]).toEqual(['escalating', 10]);
    expect(run.look(10, CRITICAL).page.phase.kind).toBe('exhausted');
  });

  it('does not burn its rounds on receivers that refuse', () => {
    const run = new Run(CRITICAL, { ...SHORT, repeat: 900 }).look(5, CRITICAL);
    expect([run.do(5.1, { kind: 'unreached', telling: 2, look: CRITICAL }).told, run.due]).toEqual([
      null,
      10,
    ]);
  });

  it('that came to nobody is told again from the first level on, with pauses, until it does', () => {
    const run = new Run(CRITICAL, policyOf(QUICK));
    run.isReached = false;
    const starts: number[] = [];
    for (let second = 1; second <= 1800; second++) {
      const { tellings } = run.page;
      if (run.due !== null && run.due <= second / 60) run.look(second / 60, CRITICAL);
      if (run.page.tellings > tellings) starts.push(second);
    }
    // Half a minute after the first time, then twice as long each time, up to five minutes.
    expect(starts).toEqual([30, 90, 210, 450, 750, 1050, 1350, 1650]);
    expect(run.page.events.at(-1)?.text).toBe('nobody could be reached: all levels are told again');
    run.isReached = true;
    run.look(run.due ?? 0, CRITICAL);
    expect(run.look(run.due ?? 0, CRITICAL).page.phase.kind).toBe('exhausted');
  });

  it('that came to somebody before it became urgent came to nobody since', () => {
    const warning = looking(alert('warning'));
    const run = new Run(warning, SHORT).look(15, warning).look(16, warning);
    expect(run.page.reach.isReached).toBe(true);
    run.isReached = false;
    const both = looking(alert('warning'), alert('critical', false, '2'));
    for (const at of [17, 22, 27]) run.look(at, both);
    expect(run.page.phase.kind).toBe('escalating');
  });

  it('of which nobody knows does not wait for hours when its receivers refuse', () => {
    const policy = policyOf('{ name: p, levels: [ { tell: [ { schedule: s } ], times: 1, every: 4h } ] }');
    const run = new Run(CRITICAL, policy);
    run.isReached = false;
    expect(run.do(0, { kind: 'unreached', telling: 1, look: CRITICAL }).due).toBe(5);
    expect(nextTelling(run.page, run.world(0))).toMatchObject({ level: 1, recipients: [{}, {}] });
    run.look(5, CRITICAL);
    expect(run.look(5, CRITICAL).told).toEqual(['ada-phone', 'ada-mail']);
  });

  it('is told to the next level when somebody asks for it', () => {
    const escalate = { kind: 'escalate', by: 'ada', via: 'here', look: CRITICAL } as const;
    expect(new Run(CRITICAL).do(1, escalate).told).toEqual(['boss-phone', 'team']);
    expect(new Run(looking(alert('warning'))).do(1, escalate).told).toEqual(['ada-phone', 'ada-mail']);
    expect(new Run(CRITICAL).do(1, ack).do(2, escalate).told).toEqual(['boss-phone', 'team']);
  });

  it('tells who is on call at that moment', () => {
    const run = new Run(CRITICAL);
    run.onCall = 'boss';
    expect(run.look(5, CRITICAL).told).toEqual(['boss-phone']);
    expect(run.page.told.map(({ receiver }) => receiver)).toEqual(['ada-phone', 'ada-mail', 'boss-phone']);
  });

  it('keeps the beginning of its trail, and what came last', () => {
    const run = new Run(CRITICAL, policyOf(QUICK));
    run.isReached = false;
    for (let i = 0; i < 400; i++) run.look(run.due ?? 0, CRITICAL);
    const { events } = run.page;
    expect([events.length, events[0]?.what, events[1]?.what]).toEqual([200, 'opened', 'told']);
    expect(events.at(-1)?.at).toBeGreaterThan(START + 60 * MINUTE);
  });

  it('without its policy ends, and says why', () => {
    const reason = 'policy "p" is gone';
    const run = new Run(CRITICAL).do(1, { kind: 'abandon', reason, alerts: [alert('critical', true)] });
    expect([run.page.phase.kind, run.told, run.decided]).toEqual([
      'ended',
      ['ada-phone', 'ada-mail'],
      ['ended: policy "p" is gone'],
    ]);
  });
});
