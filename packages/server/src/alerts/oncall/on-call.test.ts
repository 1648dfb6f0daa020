import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMemoryJournal, openTestState } from '../../journal/testing/index.ts';
import { labelSet } from '../labels/label-set.ts';
import { MINUTE, OnCallWorld, onCallFile, routes, START } from './testing/world.ts';

const worlds: OnCallWorld[] = [];
async function world(): Promise<OnCallWorld> {
  const one = await new OnCallWorld().start();
  worlds.push(one);
  return one;
}
afterEach(async () => {
  for (const one of worlds.splice(0)) await one.kill();
});

describe('a group whose receiver leads to a policy', () => {
  it('is told to who is on call, again, and to the next level; and its end to both', async () => {
    const one = await world();
    await one.fire();
    await one.pass(12);
    expect(one.told).toEqual(['0 ada firing', '5 ada firing', '10 boss firing']);
    await one.fire(true);
    await one.pass(1);
    expect(one.told.slice(3).toSorted()).toEqual(['13 ada resolved', '13 boss resolved']);
    expect(await one.page()).toMatchObject({ state: 'ended' });
    expect(JSON.parse((await one.get('/api/v1/oncall/statistics')).text)).toMatchObject({
      alerts: [
        {
          alert: 'Down',
          pages: 1,
          tellings: 3,
          unanswered: 1,
          seconds_to_acknowledge: null,
          seconds_to_end: 780,
        },
      ],
    });
  });

  it('is told in time when the clock is put back', async () => {
    const one = await world();
    await one.fire();
    one.clock.jump(-3 * MINUTE);
    await one.pass(5);
    expect(one.told).toEqual(['0 ada firing', '2 ada firing']);
  });

  it('is told to nobody any more once it is acknowledged over the API, and on when that is taken back', async () => {
    const one = await world();
    await one.fire();
    const { id } = await one.page();
    expect(
      (await one.post(`/api/v1/oncall/pages/${id}/acknowledge`, { by: 'ada', note: 'on it' })).status,
    ).toBe(200);
    await one.pass(30);
    expect(one.told).toEqual(['0 ada firing']);
    expect(await one.page()).toMatchObject({ state: 'acknowledged', acknowledged_by: 'ada' });
    expect((await one.post(`/api/v1/oncall/pages/${id}/unacknowledge`)).status).toBe(200);
    await one.pass(1);
    expect(one.told).toEqual(['0 ada firing', '30 ada firing']);
    expect((await one.post(`/api/v1/oncall/pages/${id}/escalate`)).status).toBe(200);
    expect(one.told.at(-1)).toBe('31 boss firing');
    expect((await one.page()).events.map(({ what }) => what)).toEqual([
      'opened',
      'told',
      'acknowledged',
      'unacknowledged',
      'told',
      'escalated',
      'told',
    ]);
    expect((await one.post('/api/v1/oncall/pages/none/acknowledge')).status).toBe(404);
  });

  it('is told on when the acknowledgement is taken back after the clock was put back', async () => {
    const one = await world();
    await one.fire();
    const { id } = await one.page();
    await one.post(`/api/v1/oncall/pages/${id}/acknowledge`, { by: 'ada' });
    one.clock.jump(-60 * MINUTE);
    await one.post(`/api/v1/oncall/pages/${id}/unacknowledge`);
    expect(one.told).toEqual(['0 ada firing', '-60 ada firing']);
  });

  it('says of every step why, in the decision log', async () => {
    const one = await world();
    await one.fire();
    const { id } = await one.page();
    await one.post(`/api/v1/oncall/pages/${id}/acknowledge`, { by: 'ada' });
    await one.pass(2);
    const { threads } = await one.it.alertmanager.why((await one.page()).fingerprints[0] ?? '');
    const thread = threads.find(({ integration }) => integration === 'policy p');
    expect(thread?.decisions.map(({ outcome, reason, by }) => [outcome, reason, by])).toEqual([
      ['escalated', 'level 1 of policy "p" (critical): ada by ada', [id]],
      ['acknowledged', 'acknowledged by ada over the API', [id]],
      ['held', `page ${id} was acknowledged by ada`, [id]],
    ]);
    expect(threads.find(({ receiver }) => receiver === 'ada')?.isTold).toBe(true);
  });

  it('goes to the next level at once when a receiver refuses for good', async () => {
    const one = await world();
    one.answers.set('ada', 400);
    await one.fire();
    await one.pass(1);
    expect(one.told).toEqual(['0 boss firing']);
  });

  it.each([
    ['cannot be reached', 503],
    ['refuse for good', 404],
  ])('is told again and again while all receivers %s, until one takes it', async (_, status) => {
    const one = await world();
    for (const name of ['ada', 'boss']) one.answers.set(name, status);
    await one.fire();
    await one.pass(33);
    expect([one.told, (await one.page()).state]).toEqual([[], 'escalating']);
    // Nothing of what was handed over is forgotten by a restart.
    await (await one.kill()).start();
    await one.pass(20);
    one.answers.clear();
    await one.pass(5);
    expect(one.told).not.toEqual([]);
    const events = (await one.page()).events.map(({ text }) => text);
    expect(events).toContain('nobody could be reached: all levels are told again');
    await one.pass(30);
    expect(await one.page()).toMatchObject({ state: 'exhausted' });
  });

  it('tells its end to a receiver that was away for hours, and later pages meanwhile', async () => {
    const one = await world();
    await one.fire();
    one.answers.set('ada', 503);
    await one.fire(true);
    await one.pass(90);
    await one.fire();
    expect(await one.page()).toMatchObject({ state: 'escalating' });
    one.answers.clear();
    await one.pass(2);
    const [, ...late] = one.told;
    expect(late.map((text) => text.replace(/^\S+ /, '')).toSorted()).toEqual(['ada firing', 'ada resolved']);
  });

  it('waits while it is silenced', async () => {
    const one = await world();
    await one.fire();
    await one.it.alertmanager.silences.set({
      id: null,
      matchers: [{ name: 'team', op: '=', value: 'a' }],
      startsAt: one.clock.now(),
      endsAt: one.clock.now() + 20 * MINUTE,
      createdBy: '',
      comment: '',
      annotations: new Map(),
    });
    await one.pass(19);
    expect(one.told).toEqual(['0 ada firing']);
    await one.pass(2);
    expect(one.sent).toHaveLength(2);
  });

  it('ends when the configuration knows its policy no more', async () => {
    const one = await world();
    await one.fire();
    await one.it.alertmanager.configure(one.it.alertmanager.config, { onCall: onCallFile('people: []') });
    await one.soon();
    await one.pass(10);
    // What was opened elsewhere is closed there.
    expect(one.told).toEqual(['0 ada firing', '0 ada resolved']);
    expect(await one.page()).toMatchObject({ state: 'ended' });
  });
});

describe('another configuration', () => {
  it('is in force for routes and for those on call at once, while groups are made anew', async () => {
    const one = new OnCallWorld(onCallFile('people: []'));
    worlds.push(one);
    const journal = createMemoryJournal();
    let gate = Promise.resolve();
    await one.start({
      state: await openTestState(),
      journal: { ...journal, append: (frames) => gate.then(() => journal.append(frames)) },
    });
    await one.fire();
    await one.pass(3);
    let open: () => void = () => {};
    gate = new Promise((resolve) => (open = resolve));
    const { alertmanager } = one.it;
    const done = alertmanager.configure(routes({ groupBy: 'team' }), { onCall: onCallFile() });
    // Groups flush while it is not written yet that they are there.
    await one.soon();
    open();
    await done;
    await one.soon();
    expect(one.told).toEqual(['3 ada firing']);
    const { threads } = await alertmanager.why((await one.page()).fingerprints[0] ?? '');
    const group = '{}/{team="a"}:{team="a"}';
    const said = threads
      .filter((thread) => thread.group === group)
      .flatMap(({ decisions }) => decisions.map(({ outcome }) => outcome));
    expect(said).not.toContain('dropped');
  });
});

describe('a page whose policy has another name now', () => {
  it('goes on by it, acknowledged if it was', async () => {
    const one = await world();
    await one.fire();
    await one.pass(3);
    const other = onCallFile(`
people: [ { name: ada, contacts: [ada] }, { name: grace, contacts: [boss] } ]
policies: [ { name: q, levels: [ { tell: [ { person: grace } ], times: 2, every: 5m } ] } ]
escalate: [ { receiver: pager, policy: q } ]
`);
    const { alertmanager } = one.it;
    await alertmanager.configure(alertmanager.config, { onCall: other });
    await one.pass(3);
    expect(one.told).toEqual(['0 ada firing', '5 boss firing']);
    const { id } = await one.page();
    await one.post(`/api/v1/oncall/pages/${id}/acknowledge`, { by: 'grace' });
    await alertmanager.configure(alertmanager.config, { onCall: onCallFile() });
    await one.pass(10);
    expect(one.told).toHaveLength(2);
    expect((await one.pages()).map(({ state }) => state)).toEqual(['acknowledged']);
  });
});

describe('a page whose group the routes have no more', () => {
  const OTHERS = [
    ['group_by', { groupBy: 'team' }],
    ['a matcher', { matcher: 'team=~"a|b"' }],
  ] as const;

  it.each(OTHERS)('goes on where its alerts are, after a change of %s', async (_, other) => {
    const one = await world();
    await one.fire();
    const { id } = await one.page();
    await one.pass(3);
    await one.it.alertmanager.configure(routes(other));
    await one.pass(3);
    expect(one.told).toEqual(['0 ada firing', '5 ada firing']);
    await one.post(`/api/v1/oncall/pages/${id}/acknowledge`, { by: 'ada' });
    await one.it.alertmanager.configure(routes({}));
    await one.pass(10);
    expect((await one.pages()).map(({ id: of, state }) => [of, state])).toEqual([[id, 'acknowledged']]);
    await one.fire(true);
    await one.pass(2);
    expect(one.told.slice(2)).toEqual(['17 ada resolved']);
    // By which a receiver knows what to close.
    expect(new Set(one.sent.map(({ group }) => group)).size).toBe(1);
  });

  it.each(OTHERS)('goes on there when %s was changed while Pharos was away', async (_, other) => {
    const one = await world();
    await one.fire();
    const { id } = await one.page();
    await one.post(`/api/v1/oncall/pages/${id}/acknowledge`, { by: 'ada' });
    await one.kill();
    one.routes = other;
    await one.start();
    await one.pass(10);
    expect([one.told, (await one.pages()).map(({ state }) => state)]).toEqual([
      ['0 ada firing'],
      ['acknowledged'],
    ]);
    await (await one.kill()).start();
    await one.fire(true);
    await one.pass(2);
    expect(one.told).toEqual(['0 ada firing', '11 ada resolved']);
  });

  it('ends, and whoever was told hears of it, when its alerts lead to nobody on call', async () => {
    const one = await world();
    await one.fire();
    const { id } = await one.page();
    await one.post(`/api/v1/oncall/pages/${id}/acknowledge`, { by: 'ada' });
    await one.it.alertmanager.configure(routes({ matcher: 'team="z"' }));
    await one.soon();
    await one.pass(10);
    expect([one.told, (await one.pages()).map(({ state }) => state)]).toEqual([
      ['0 ada firing', '0 ada resolved'],
      ['ended'],
    ]);
  });

  it('ends where another one is of the group that its alerts are in now', async () => {
    const one = await world();
    await one.fire();
    await one.fire(false, 'Slow');
    await one.it.alertmanager.configure(routes({ groupBy: 'team' }));
    await one.soon();
    expect(one.told).toEqual(['0 ada firing', '0 ada firing', '0 ada resolved']);
    await one.fire(true);
    await one.fire(true, 'Slow');
    await one.pass(2);
    expect(one.told.slice(3)).toEqual(['1 ada resolved']);
    expect(new Set(one.sent.map(({ group }) => group)).size).toBe(2);
    expect((await one.pages()).map(({ state }) => state)).toEqual(['ended', 'ended']);
  });

  it('is opened by no flush of such a group that took long', async () => {
    const one = await world();
    await one.fire();
    const { alertmanager } = one.it;
    const [route] = alertmanager.root.children;
    await alertmanager.configure(routes({ groupBy: 'team' }));
    await one.soon();
    const alerts = alertmanager.known().map((alert) => ({ ...alert, isResolved: false }));
    const ref = { route, labels: labelSet([]), key: `${route.key}:{alertname="Down"}` };
    await alertmanager.onCall.escalations.flushed({ ref, look: { alerts, free: alerts } });
    expect([one.told, (await one.pages()).length]).toEqual([['0 ada firing'], 1]);
  });

  it('is acknowledged while it moves', async () => {
    const one = await world();
    await one.fire();
    const { id } = await one.page();
    const done = one.it.alertmanager.configure(routes({ groupBy: 'team' }));
    expect((await one.post(`/api/v1/oncall/pages/${id}/acknowledge`, { by: 'ada' })).status).toBe(200);
    await done;
    await one.pass(10);
    expect(one.told).toEqual(['0 ada firing']);
  });
});

describe('a restart', () => {
  it('tells nothing twice, and goes on in time', async () => {
    const one = await world();
    await one.fire();
    await one.pass(3);
    await (await one.kill()).start();
    await one.pass(4);
    expect(one.told).toEqual(['0 ada firing', '5 ada firing']);
  });

  it('tells once more, marked, what was under way, however long its answer takes', async () => {
    const one = await world();
    // The answer never comes.
    one.through = (send) => send().then(() => new Promise<never>(() => {}));
    await one.start();
    await one.fire();
    let answer: () => void = () => {};
    const gate = new Promise<void>((resolve) => (answer = resolve));
    one.through = (send) => gate.then(send);
    await one.start();
    answer();
    await one.soon();
    expect(one.sent.map(({ to, isMarked }) => [to, isMarked])).toEqual([
      ['ada', false],
      ['ada', true],
    ]);
  });

  it('keeps an acknowledgement', async () => {
    const one = await world();
    await one.fire();
    await one.post(`/api/v1/oncall/pages/${(await one.page()).id}/acknowledge`, { by: 'ada' });
    await (await one.kill()).start();
    await one.pass(15);
    expect(one.told).toEqual(['0 ada firing']);
  });

  it('tells at once what was due meanwhile', async () => {
    const one = await world();
    await one.fire();
    await one.kill();
    await one.clock.advance(7 * MINUTE);
    await one.start();
    expect(one.told).toEqual(['0 ada firing', '7 ada firing']);
  });
});

describe('the link in a notification', () => {
  it('shows a page that changes nothing, and its button acknowledges', async () => {
    const one = await world();
    await one.fire();
    const { link } = one;
    expect(link).toMatch(/^\/acknowledge\?token=/);
    for (let i = 0; i < 3; i++) {
      const { status, text } = await one.get(link);
      expect(status).toBe(200);
      expect(text).toContain('it is &lt;b&gt;down&lt;/b&gt;');
      expect(text).toContain('>Acknowledge</button>');
    }
    expect(await one.page()).toMatchObject({ state: 'escalating' });
    const { text } = await one.post(link, 'act=acknowledge');
    expect(text).toContain('Acknowledged. Nobody else is told, ada.');
    expect(await one.page()).toMatchObject({ state: 'acknowledged', acknowledged_by: 'ada' });
    await one.pass(10);
    expect(one.told).toEqual(['0 ada firing']);
    expect((await one.post(link, 'act=unacknowledge')).text).toContain('>Acknowledge</button>');
    await one.pass(1);
    expect(one.told).toHaveLength(2);
  });

  it('lets browsers say where its button was pressed: the gate takes no `Origin: null`', async () => {
    const one = await world();
    await one.fire();
    const { headers } = await one.it.app.inject({ url: one.link, headers: { host: 'localhost' } });
    expect(headers['referrer-policy']).toBe('same-origin');
  });

  it('works for three days, over restarts, and only as it was made', async () => {
    const one = await world();
    await one.fire();
    const { link } = one;
    await (await one.kill()).start();
    expect((await one.get(link)).status).toBe(200);
    const forged = `/acknowledge?token=${Buffer.from(JSON.stringify(['page', (await one.page()).id, 'eve', 0])).toString('base64url')}.${'A'.repeat(43)}`;
    for (const bad of [
      forged,
      `${link}x`,
      link.slice(0, -3),
      '/acknowledge',
      '/acknowledge?token=.',
      '/acknowledge?token=a.b.c',
    ]) {
      expect([bad, (await one.get(bad)).status]).toEqual([bad, 403]);
      expect((await one.post(bad, 'act=acknowledge')).status).toBe(403);
    }
    one.clock.jump(3 * 86_400_000 + 1);
    expect(await one.get(link)).toMatchObject({ status: 403 });
    expect((await one.post(link, 'act=acknowledge')).status).toBe(403);
    expect(await one.page()).toMatchObject({ acknowledged_by: '' });
  });

  it('says so when all of it has ended', async () => {
    const one = await world();
    await one.fire();
    const { link } = one;
    await one.fire(true);
    await one.pass(1);
    expect((await one.get(link)).text).toContain('all ended');
    expect((await one.post(link, 'act=acknowledge')).text).toContain('It had ended before');
  });
});

describe('schedules over the API', () => {
  it('say who is on call and who follows, and let somebody stand in', async () => {
    const one = await world();
    const now = one.clock.now();
    const schedules = async (): Promise<unknown> =>
      JSON.parse((await one.get('/api/v1/oncall/schedules')).text);
    expect(await schedules()).toMatchObject({
      people: ['ada', 'grace'],
      schedules: [{ name: 's', on_call: { person: 'ada', by: 'layer' }, next: { person: 'grace' } }],
    });
    const wanted = { person: 'grace', from: now, until: now + 60 * MINUTE };
    const made = await one.post('/api/v1/oncall/schedules/s/overrides', wanted);
    expect(made.status).toBe(201);
    expect(await schedules()).toMatchObject({
      schedules: [
        { on_call: { person: 'grace', by: 'override', until: wanted.until }, next: { person: 'ada' } },
      ],
    });
    await one.fire();
    expect(one.told).toEqual(['0 boss firing']);
    await (await one.kill()).start();
    const { id } = z.object({ id: z.string() }).parse(JSON.parse(made.text));
    const path = `/api/v1/oncall/schedules/s/overrides/${id}`;
    const remove = async (): Promise<number> =>
      (await one.it.app.inject({ method: 'DELETE', url: path, headers: { host: 'localhost' } })).statusCode;
    expect([await remove(), await remove()]).toEqual([204, 404]);
    expect(await schedules()).toMatchObject({ schedules: [{ on_call: { person: 'ada' }, overrides: [] }] });
  });

  it.each([
    ['somebody unknown', { person: 'eve', from: 0, until: 1 }, 's', 400],
    ['an end before the beginning', { person: 'ada', from: 2, until: 1 }, 's', 400],
    ['no such schedule', { person: 'ada', from: 1, until: 2 }, 'x', 404],
  ])('refuse %s', async (_name, wanted, name, status) => {
    const one = await world();
    expect((await one.post(`/api/v1/oncall/schedules/${name}/overrides`, wanted)).status).toBe(status);
  });

  it('tell shifts without a gap, and as a calendar', async () => {
    const one = await world();
    const { text } = await one.get(
      `/api/v1/oncall/schedules/s/shifts?from=${START}&until=${START + 21 * 86_400_000}`,
    );
    const { shifts } = z
      .object({ shifts: z.array(z.object({ person: z.string().nullable() })) })
      .parse(JSON.parse(text));
    expect(shifts.map(({ person }) => person)).toEqual(['ada', 'grace', 'ada', 'grace']);
    const listed = z
      .object({ schedules: z.array(z.object({ calendar_url: z.string() })) })
      .parse(JSON.parse((await one.get('/api/v1/oncall/schedules')).text));
    const { pathname, search } = new URL(listed.schedules[0]?.calendar_url ?? '');
    const calendar = await one.get(pathname + search);
    expect(calendar.status).toBe(200);
    const lines = calendar.text.split('\r\n');
    expect(lines.slice(0, 2)).toEqual(['BEGIN:VCALENDAR', 'VERSION:2.0']);
    expect(lines).toContain('DTSTART:20260112T000000Z');
    expect(lines).toContain('SUMMARY:grace (s)');
    expect(lines.filter((line) => line === 'BEGIN:VEVENT').length).toBeGreaterThan(10);
    expect((await one.get('/api/v1/oncall/schedules/s/shifts?from=5&until=4')).status).toBe(400);
  });
});
