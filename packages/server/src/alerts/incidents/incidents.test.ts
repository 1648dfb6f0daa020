import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accountShape, incidentShape } from './shapes.ts';
import { IncidentsHouse } from './testing/open.ts';
import { MemoryIncidents, MINUTE, START } from './testing/world.ts';
import { timelineOf } from './timeline.ts';

const houses: IncidentsHouse[] = [];
afterEach(async () => {
  for (const one of houses.splice(0)) await one.stop();
});

async function house(): Promise<IncidentsHouse> {
  const made = await new IncidentsHouse().start();
  houses.push(made);
  return made;
}

const list = z.object({
  total: z.number(),
  open: z.number(),
  incidents: z.array(z.object({ id: z.string() })),
});

describe('incidents of alerts that come in', () => {
  it('open, are over after their last alert, and open again when it fires again', async () => {
    const it = await house();
    await it.alert('Down store');
    await it.alert('Slow user');
    expect(it.shown()).toEqual(['1 open: Down store, Slow user']);
    await it.alert('Down store', { isOver: true });
    await it.alert('Slow user', { isOver: true });
    await it.pass(6);
    expect(it.shown()).toEqual(['1 resolved: (Down store), (Slow user)']);
    await it.alert('Slow user');
    expect(it.shown()).toEqual(['1 open: (Down store), Slow user']);
  });

  it('hear of alerts whose time was over unheard, and keep everything over a restart', async () => {
    const it = await house();
    await it.alert('Down store', { lastsMs: 3 * MINUTE });
    await it.ask('POST', '/1/notes', { by: 'ada', text: 'looking' });
    await it.stop();
    await it.start(it.state);
    expect(it.shown()).toEqual(['1 open: Down store']);
    await it.alert('Slow order', { lastsMs: 4 * MINUTE });
    await it.pass(20);
    expect(it.shown()).toEqual(['1 resolved: (Down store), (Slow order)']);
    await it.alert('Disk x');
    expect(it.shown().at(-1)).toBe('2 open: Disk x');
  });

  it('are told of alerts that came while nobody listened', async () => {
    const it = await house();
    const incidents = it.incidents;
    await incidents.stop();
    await it.alert('Down store');
    expect(it.shown()).toEqual([]);
    await incidents.start();
    expect(it.shown()).toEqual(['1 open: Down store']);
  });

  it('take an alert that another one keeps quiet', async () => {
    const it = await house();
    await it.alert('Down store');
    await it.pass(60);
    await it.alert('Lost x');
    expect(it.shown()).toEqual(['1 open: Down store, Lost x']);
  });
});

describe('the doors of incidents', () => {
  const of = (json: unknown): z.output<typeof incidentShape> => incidentShape.parse(json);

  it('list and filter', async () => {
    const it = await house();
    await it.alert('Down store', { labels: { severity: 'critical' } });
    await it.alert('Disk x');
    await it.ask('POST', '/2/resolve', { by: 'ada', note: 'gone' });
    const ids = async (query: string): Promise<string> =>
      list
        .parse((await it.ask('GET', query)).json)
        .incidents.map(({ id }) => id)
        .join();
    // The second is over.
    expect(await ids('')).toBe('1,2');
    expect(await ids('?state=open')).toBe('1');
    expect(await ids('?state=open&state=resolved&limit=1')).toBe('1');
    expect(await ids('?severity=critical')).toBe('1');
    expect(await ids('?service=x')).toBe('2');
    expect(await ids(`?from=${START + 1}`)).toBe('1');
    expect(await ids(`?to=${START - 1}`)).toBe('');
    const [one] = it.incidents.book.get('1')!.members;
    expect(await ids(`?fingerprint=${one.fingerprint}`)).toBe('1');
    expect((await it.ask('GET', '/7')).status).toBe(404);
    expect((await it.ask('GET', '/x')).status).toBe(400);
  });

  it('name, judge, assign and note', async () => {
    const it = await house();
    await it.alert('Down store');
    it.people = ['ada', 'grace'];
    const edit = { by: 'ada', title: 'Store is away', severity: 'critical', assignee: 'grace' };
    expect(of((await it.ask('PATCH', '/1', edit)).json)).toMatchObject({
      title: 'Store is away',
      severity: 'critical',
      assignee: 'grace',
    });
    expect((await it.ask('PATCH', '/1', { assignee: 'nobody' })).status).toBe(400);
    expect((await it.ask('PATCH', '/1', {})).status).toBe(400);
    expect((await it.ask('POST', '/1/notes', { text: ' ' })).status).toBe(400);
    expect(of((await it.ask('POST', '/1/notes', { text: 'x' })).json).note_list).toEqual([
      { at: START, by: 'somebody', text: 'x' },
    ]);
  });

  it('merge, split, resolve and reopen', async () => {
    const it = await house();
    await it.alert('Down store');
    await it.alert('Slow user');
    const [, user] = it.incidents.book.get('1')!.members;
    const made = await it.ask('POST', '/1/split', { by: 'ada', fingerprints: [user.fingerprint] });
    expect(of(made.json)).toMatchObject({ id: '2', apart: ['1'], alerts: 1 });
    expect(of((await it.ask('POST', '/2/merge', { other: '1' })).json)).toMatchObject({
      id: '1',
      merged: ['2'],
    });
    const gone = await it.ask('POST', '/2/resolve', {});
    expect([gone.status, gone.json]).toMatchObject([409, { error: { details: { into: '1' } } }]);
    expect(of((await it.ask('POST', '/1/unmerge', { other: '2' })).json).id).toBe('2');
    expect(of((await it.ask('POST', '/2/resolve', { by: 'ada' })).json)).toMatchObject({
      state: 'resolved',
      ended_by: 'ada',
      firing: 1,
    });
    expect(of((await it.ask('POST', '/2/reopen', {})).json).state).toBe('open');
    expect((await it.ask('POST', '/2/split', { fingerprints: ['zz'] })).status).toBe(400);
  });

  it('fold what could not be told again and again', () => {
    const told = (at: number, outcome: 'failed' | 'sent') => ({
      at: START + at,
      outcome,
      receiver: 'team',
      integration: 'webhook[0]',
      reason: 'refused',
      alerts: 1,
    });
    const incident = new MemoryIncidents().fire('Down store').open()[0];
    const { entries } = timelineOf(
      incident,
      [],
      [told(1, 'failed'), told(10_001, 'failed'), told(20_001, 'sent'), told(30_001, 'failed')],
    );
    expect(entries.filter(({ kind }) => kind === 'notification').map(({ text }) => text)).toEqual([
      'team could not be told by webhook[0]: refused; 2 times within 10 s',
      'team was told by webhook[0]',
      'team could not be told by webhook[0]: refused',
    ]);
  });

  it('tell what happened in the order of time, and export it', async () => {
    const it = await house();
    it.happenings = [
      {
        at: START - 8 * MINUTE,
        kind: 'deployment',
        service: 'store',
        text: 'store 2.0',
        of: '',
        isWorse: false,
      },
      {
        at: START - MINUTE,
        kind: 'health',
        service: 'store',
        text: 'store became unhealthy: gone',
        of: '',
        isWorse: true,
      },
      {
        at: START + 1,
        kind: 'error',
        service: 'store',
        text: 'the error E of store is new',
        of: 'g1',
        isWorse: false,
      },
    ];
    await it.alert('Down store');
    await it.pass(1);
    await it.ask('POST', '/1/notes', { by: 'ada', text: 'we | look *closely*' });
    it.happenings = [
      ...it.happenings,
      {
        at: START + 2,
        kind: 'error',
        service: 'store',
        text: 'the error \u001b[31mF\u202e <b>of</b> store is new',
        of: 'g2',
        isWorse: false,
      },
    ];
    const { json } = await it.ask('GET', '/1');
    const { timeline, incident, neighbours } = accountShape.parse(json);
    expect(timeline.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'deployment: store 2.0',
      'deviation: first sign of trouble: store became unhealthy: gone',
      'health: store became unhealthy: gone',
      'alert: Down of store fired',
      'error: the error E of store is new',
      'error: the error \u001b[31mF\u202e <b>of</b> store is new',
      'notification: team was told by webhook[0]',
      'note: we | look *closely*',
    ]);
    expect(neighbours).toEqual(['auth', 'user']);
    expect(incident.members[0].summary).toBe('Down store <b>now</b>');
    const { text, status } = await it.ask('GET', '/1/export.md');
    expect(status).toBe(200);
    expect(text).toContain('# Post-mortem: Down of store (#1)');
    expect(text).toContain('| note | we \\| look \\*closely\\* (ada) |');
    expect(text).toContain('http://pharos.example/incidents/1');
    // Neither a terminal nor a reader is led astray.
    expect(text).toContain('| error | the error \\[31mF \\<b\\>of\\</b\\> store is new |');
  });
});
