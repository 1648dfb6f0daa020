import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { IncidentCause, IncidentQuestion } from '../../analysis/index.ts';
import { accountShape, incidentShape } from './shapes.ts';
import { IncidentsHouse, NOBODY } from './testing/open.ts';
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

  it('tell in a word what became of alerts and of the incident', async () => {
    const it = await house();
    await it.alert('Down store');
    await it.alert('Slow user');
    await it.alert('Slow user', { isOver: true });
    await it.pass(1);
    await it.alert('Slow user');
    await it.ask('PATCH', '/1', { by: 'ada', assignee: 'grace' });
    await it.ask('POST', '/1/notes', { by: 'ada', text: 'looking' });
    const { timeline } = accountShape.parse((await it.ask('GET', '/1')).json);
    const told = timeline.filter(({ kind }) => kind !== 'notification');
    expect(told.map(({ kind, what, of: alert }) => [kind, what, alert !== ''])).toEqual([
      ['deviation', null, true],
      ['alert', 'opened', true],
      ['alert', 'joined', true],
      ['alert', 'ended', true],
      ['alert', 'again', true],
      ['incident', 'assigned', false],
      ['note', null, false],
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

const suspected = (
  rank: number,
  name: string,
  more: Partial<IncidentCause['suspects'][number]> = {},
): IncidentCause['suspects'][number] => ({
  rank,
  kind: 'service',
  name,
  service: name,
  score: 0.6,
  since: null,
  affected: [],
  evidence: [1, 2, 3, 4].map((n) => ({
    id: `e${rank}${n}`,
    kind: 'health',
    service: name,
    at: null,
    weight: 0.6,
    message: `${name} is *away* ${n}`,
    link: '/',
  })),
  actions: [`Look at ${name}.`, 'Wait.'],
  reason: { tie: 'named', text: `alerts are about ${name}` },
  ...more,
});

describe('the cause of an incident', () => {
  /** An incident of which the analysis suspects so many, and sees so many others. */
  async function suspecting(suspects: IncidentCause['suspects'], others: IncidentCause['others'] = []) {
    const it = await house();
    const asked: Omit<IncidentQuestion, 'signal'>[] = [];
    it.cause = ({ startedAt, endedAt, services }) => {
      asked.push({ startedAt, endedAt, services });
      const warnings = ['storage: older errors could not be read'];
      return Promise.resolve({ ...NOBODY, suspects, others, warnings });
    };
    await it.alert('Down store');
    return { it, asked };
  }

  /** What the post-mortem says of it. */
  async function written(it: IncidentsHouse): Promise<string> {
    const { text, status } = await it.ask('GET', '/1/export.md');
    expect(status).toBe(200);
    return /^## Root cause\n\n_.*_\n\n(.*)\n\n## Timeline/ms.exec(text)?.[1] ?? text;
  }

  it('is asked for by its first sign, its end and the services of its alerts', async () => {
    const { it, asked } = await suspecting([suspected(1, 'store')]);
    expect((await it.ask('GET', '/1/root_cause')).json).toMatchObject({
      suspects: [{ name: 'store', reason: { tie: 'named', text: 'alerts are about store' } }],
      others: [],
    });
    await it.alert('Slow user');
    await it.pass(1);
    await it.ask('POST', '/1/resolve', { by: 'ada' });
    await it.ask('GET', '/1/root_cause');
    expect(asked).toEqual([
      { startedAt: START, endedAt: null, services: ['store'] },
      { startedAt: START, endedAt: START + MINUTE, services: ['store', 'user'] },
    ]);
    expect((await it.ask('GET', '/7/root_cause')).status).toBe(404);
  });

  it('stands in the post-mortem as suspects with reasons and evidence, and what else there was', async () => {
    const elsewhere = { tie: 'elsewhere', text: 'no alert is about it' } as const;
    const { it } = await suspecting(
      [
        suspected(1, 'store 2.0', { kind: 'change', service: 'store' }),
        ...[2, 3, 4, 5, 6].map((rank) => suspected(rank, `s${rank}`, { evidence: [], actions: [] })),
      ],
      [
        suspected(7, '<b>', { reason: elsewhere }),
        suspected(8, 'GET /', { service: '<b>', reason: elsewhere }),
        suspected(9, 'db', { kind: 'dependency', service: '', reason: elsewhere }),
        ...Array.from({ length: 9 }, (_, i) => suspected(10 + i, `o${i}`)),
      ],
    );
    const lines = (await written(it)).split('\n');
    expect(lines.slice(0, 8)).toEqual([
      'Suspects, counted from evidence; nobody confirmed them:',
      '',
      '1. **store 2.0** (change of store, score 0.60: alerts are about store 2.0)',
      '   - store 2.0 is \\*away\\* 1',
      '   - store 2.0 is \\*away\\* 2',
      '   - store 2.0 is \\*away\\* 3',
      '   - Next: Look at store 2.0.',
      '2. **s2** (service, score 0.60: alerts are about s2)',
    ]);
    expect(lines.slice(10)).toEqual([
      '5. **s5** (service, score 0.60: alerts are about s5)',
      '',
      'What else there was:',
      '',
      '- \\<b\\>: no alert is about it',
      '- db: no alert is about it',
      ...Array.from({ length: 8 }, (_, i) => `- o${i}: alerts are about o${i}`),
      '- and 1 more',
    ]);
    expect((await it.ask('GET', '/1/export.md')).text).toContain('- storage: older errors could not be read');
  });

  it('is nobody where nothing was wrong, or only other things, and is left out where it cannot be read', async () => {
    const nothing = await suspecting([]);
    expect(await written(nothing.it)).toBe(NOBODY.no_suspect);
    const others = await suspecting([], [suspected(1, 'auth')]);
    expect(await written(others.it)).toBe(
      `${NOBODY.no_suspect}\n\nWhat else there was:\n\n- auth: alerts are about auth`,
    );
    others.it.cause = () => Promise.reject(new Error('the engine is away'));
    expect(await written(others.it)).toBe('What is suspected could not be read.');
    expect(others.it.warned).toEqual([
      { incident: '1', err: new Error('the engine is away') },
      'what is suspected of an incident could not be read for its post-mortem',
    ]);
    expect((await others.it.ask('GET', '/1/root_cause')).status).toBe(500);
  });
});
