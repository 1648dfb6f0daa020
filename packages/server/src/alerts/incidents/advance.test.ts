import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_OPEN } from './advance.ts';
import { cameFrom, type Incident, isFiring, severityOf, titleOf } from './incident.ts';
import { MOST_MEMBERS } from './size.ts';
import { MemoryIncidents, MINUTE, sighting } from './testing/world.ts';

describe('incidents by themselves', () => {
  it('open with an alert, take what belongs to it and not what does not', () => {
    const all = new MemoryIncidents()
      .fire('Down store')
      .fire('Slow user')
      .fire('Disk', { labelled: { instance: 'h' } });
    expect(all.shown()).toEqual(['1: Down store, Slow user', '2: Disk']);
    const [first] = all.open();
    expect(first.members[1].why).toMatchObject({ to: 'Down store', score: 65 });
    expect(titleOf(first)).toBe('Down of store and 1 more alert, also user');
  });

  it('is named after its services where each has the same alert', () => {
    const all = new MemoryIncidents().fire('Down store').fire('Down user');
    expect(titleOf(all.open()[0])).toBe('Down of store, also user');
  });

  it('are called after the machine that people know, where no service is named', () => {
    const labelled = { instance: '10.0.0.7:9100', host: 'db-1' };
    const [first] = new MemoryIncidents().fire('Hot', { labelled }).open();
    expect([titleOf(first), first.events[0].text]).toEqual(['Hot of db-1', 'Hot of db-1']);
  });

  it('are over when they were quiet for long enough, and not when one alert fires', () => {
    const all = new MemoryIncidents()
      .fire('Down store')
      .fire('Slow user')
      .end('Down store')
      .after(20 * MINUTE);
    expect(all.shown()).toEqual(['1: (Down store), Slow user']);
    all.end('Slow user').after(4 * MINUTE);
    expect(all.open()).toHaveLength(1);
    all.after(MINUTE);
    expect(all.get('1')?.phase).toEqual({ kind: 'resolved', at: all.now, by: '' });
  });

  it('open again when their alert fires again soon, and not later', () => {
    const all = new MemoryIncidents()
      .fire('Down store')
      .end('Down store')
      .after(5 * MINUTE)
      .after(29 * MINUTE);
    expect(all.fire('Down store').shown()).toEqual(['1: Down store']);
    expect(all.get('1')?.members[0].times).toBe(2);
    expect(all.get('1')?.events.map(({ what }) => what)).toEqual([
      'opened',
      'ended',
      'resolved',
      'reopened',
      'again',
    ]);
    all
      .end('Down store')
      .after(5 * MINUTE)
      .after(31 * MINUTE)
      .fire('Down store');
    expect(all.shown()).toEqual(['2: Down store']);
  });

  it('take other alerts only while they are open', () => {
    const all = new MemoryIncidents().fire('Down store');
    all.act('1', { kind: 'resolve', note: '' });
    expect(all.fire('Slow user').shown()).toEqual(['2: Slow user']);
    // It fires on, as part of what was resolved.
    expect(all.fires(sighting('Down store')).shown()).toEqual(['2: Slow user']);
    expect(all.idOf('Down store')).toBe('1');
  });

  it('become one when an alert turns out to tie them, and the older number stays', () => {
    const all = new MemoryIncidents().fire('Full catalog').fire('Slow auth');
    expect(all.shown()).toEqual(['1: Full catalog', '2: Slow auth']);
    all.after(30_000).fire('Errors gateway');
    expect(all.shown()).toEqual(['1: Full catalog, Slow auth, Errors gateway']);
    expect(all.get('2')?.phase).toMatchObject({ kind: 'merged', into: '1' });
    expect(all.get('1')?.events.at(-1)?.text).toBe(
      'took #2, Slow of auth, which began 0 s later: Errors of gateway is tied to both',
    );
  });

  it('are not opened by what is for information or kept quiet, which may join them all the same', () => {
    const info = { labelled: { severity: 'info' } };
    const all = new MemoryIncidents()
      .fire('Deployed order', info)
      .fires(sighting('Slow order'), { isQuiet: true });
    expect(all.open()).toEqual([]);
    all
      .fire('Errors order')
      .fires(sighting('Deployed order', info))
      .fires(sighting('Slow order'), { isQuiet: true });
    expect(all.shown()).toEqual(['1: Errors order, Deployed order, Slow order']);
    // What is for information holds nothing open.
    all
      .end('Errors order')
      .end('Slow order')
      .after(5 * MINUTE);
    expect(all.open()).toEqual([]);
    expect(all.fire('Deployed order', { ...info, startsAt: all.now }).open()).toEqual([]);
  });

  it('follow the worst of their alerts', () => {
    const all = new MemoryIncidents()
      .fire('Slow order')
      .fire('Down order', { labelled: { severity: 'page' } });
    expect(severityOf(all.open()[0])).toBe('critical');
    expect(titleOf(all.open()[0])).toBe('Down of order and 1 more alert');
  });

  it('name so many alerts and count the rest, without looking at them again', () => {
    const all = new MemoryIncidents();
    const crowd = Array.from({ length: MOST_MEMBERS + 3 }, (_, i) =>
      sighting('Down order', { fingerprint: `f${i}` }),
    );
    for (const alert of crowd) all.fires(alert);
    for (const alert of crowd) all.fires(alert);
    expect(all.open().map(({ members }) => members.length)).toEqual([MOST_MEMBERS]);
    expect(all.isCounted(`f${MOST_MEMBERS}`)).toBe(true);
  });

  it('are so many at most; beyond, alerts are kept with the newest', () => {
    const all = new MemoryIncidents();
    for (let i = 0; i < MOST_OPEN + 2; i++) all.fires(sighting(`A${i} s${i}`));
    expect(all.open()).toHaveLength(MOST_OPEN);
    expect(all.open().at(-1)?.members).toHaveLength(3);
  });
});

describe('people', () => {
  const split = () => {
    const all = new MemoryIncidents().fire('Down store').fire('Slow user').fire('Slow auth');
    all.act('1', { kind: 'split', fingerprints: ['Slow auth'] });
    return all;
  };

  it('take alerts apart, and they stay apart', () => {
    const all = split();
    expect(all.shown()).toEqual(['1: Down store, Slow user', '2: Slow auth']);
    // Tied to both, it joins one of them.
    all.after(1000).fire('Errors store');
    expect(all.open()).toHaveLength(2);
    expect(all.get('2')?.members[0].why.reasons[0].text).toBe('taken from #1 by ada');
  });

  it('merge, and undo what was merged', () => {
    const all = split();
    all.act('2', { kind: 'note', text: 'mine' });
    expect(all.act('2', { kind: 'merge', other: '1' }).id).toBe('1');
    expect(all.shown()).toEqual(['1: Down store, Slow user, Slow auth']);
    expect(all.get('1')?.notes.map(({ text }) => text)).toEqual(['mine']);
    expect(() => all.act('2', { kind: 'reopen' })).toThrow(/merged into #1/);
    expect(all.act('1', { kind: 'unmerge', other: '2' }).id).toBe('2');
    expect(all.shown()).toEqual(['1: Down store, Slow user', '2: Slow auth']);
    all.after(1000).fire('Errors store');
    expect(all.open()).toHaveLength(2);
  });

  it('undo a merge of two that had the same alert: each has its own account of it again', () => {
    const all = new MemoryIncidents().fire('Down store').end('Down store');
    all
      .after(5 * MINUTE)
      .after(40 * MINUTE)
      .fire('Down store');
    expect(all.shown()).toEqual(['2: Down store']);
    all.act('1', { kind: 'merge', other: '2' });
    expect(all.shown()).toEqual(['1: Down store']);
    expect(all.act('1', { kind: 'unmerge', other: '2' }).id).toBe('2');
    expect(all.shown()).toEqual(['1: (Down store)', '2: Down store']);
    expect(all.idOf('Down store')).toBe('2');
  });

  it('undo a merge of what was merged before, one after the other', () => {
    const all = new MemoryIncidents().fire('Disk h1').after(40 * MINUTE);
    all.fire('Down store').after(40 * MINUTE);
    all.fire('Full catalog');
    expect(all.open()).toHaveLength(3);
    all.act('2', { kind: 'merge', other: '3' });
    all.act('1', { kind: 'merge', other: '2' });
    expect(all.shown()).toEqual(['1: Disk h1, Down store, Full catalog']);
    all.act('1', { kind: 'unmerge', other: '2' });
    expect(all.shown()).toEqual(['1: Disk h1', '2: Down store, Full catalog']);
    all.act('2', { kind: 'unmerge', other: '3' });
    expect(all.shown()).toEqual(['1: Disk h1', '2: Down store', '3: Full catalog']);
  });

  it('are told what cannot be done', () => {
    const all = split();
    expect(() => all.act('9', { kind: 'reopen' })).toThrow(/no incident #9/);
    expect(() => all.act('1', { kind: 'merge', other: '1' })).toThrow(/itself/);
    expect(() => all.act('2', { kind: 'split', fingerprints: ['Slow auth'] })).toThrow(/must stay/);
    expect(() => all.act('2', { kind: 'split', fingerprints: ['Slow user'] })).toThrow(/part of #2/);
    all.act('1', { kind: 'merge', other: '2' });
    all.act('1', { kind: 'split', fingerprints: ['Slow auth'] });
    expect(() => all.act('1', { kind: 'unmerge', other: '2' })).toThrow(/nothing of #2/);
    expect(all.act('1', { kind: 'unmerge', other: '3' }).id).toBe('3');
  });

  it('name, judge, assign, resolve and reopen; twice is as once', () => {
    const all = split();
    const edit = { kind: 'edit', title: 'Store', severity: 'info', assignee: 'grace' } as const;
    all.act('1', edit);
    all.act('1', edit);
    all.act('1', { kind: 'resolve', note: 'done' });
    all.act('1', { kind: 'resolve', note: 'done' });
    const one = all.get('1')!;
    expect([titleOf(one), severityOf(one), one.assignee, one.notes.length]).toEqual([
      'Store',
      'info',
      'grace',
      1,
    ]);
    expect(one.events.filter(({ by }) => by === 'ada').map(({ what, text }) => `${what} ${text}`)).toEqual([
      'split 1 alert to #2',
      'title Store',
      'severity info',
      'assigned to grace',
      'resolved 2 of its alerts still fire',
    ]);
    all.act('1', { kind: 'reopen' });
    all.act('1', { kind: 'edit', title: null, severity: null, assignee: '' });
    expect(titleOf(all.get('1')!)).toBe('Down of store and 1 more alert, also user');
  });
});

const NAMES = [
  'Down store',
  'Slow user',
  'Slow auth',
  'Errors order',
  'Errors gateway',
  'Disk h1',
  'Load h2',
  'Full catalog',
];

type Command =
  | { readonly kind: 'fire' | 'end' | 'hear'; readonly name: string }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'split' | 'resolve' | 'unmerge'; readonly name: string }
  | { readonly kind: 'merge'; readonly name: string; readonly other: string };

const name = fc.constantFrom(...NAMES);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('fire' as const), name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hear' as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.integer({ min: 0, max: 20 * MINUTE }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('split' as const, 'resolve' as const, 'unmerge' as const),
      name,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('merge' as const), name, other: name }) },
);

function unite(all: MemoryIncidents, incident: Incident | undefined, other: string | undefined): void {
  if (incident !== undefined && other !== undefined && other !== incident.id)
    all.act(incident.id, { kind: 'merge', other });
}

/** Takes the first of what came by merges out again, where anything stays. */
function undo(all: MemoryIncidents, incident: Incident | undefined): void {
  const [other] = incident?.members.map(cameFrom).filter((from) => from !== '') ?? [];
  const own = incident?.members.filter((member) => cameFrom(member) !== other) ?? [];
  if (incident !== undefined && other !== undefined && own.length > 0)
    all.act(incident.id, { kind: 'unmerge', other });
}

/** What the alerts do, and what people may do of it. */
function run(commands: readonly Command[]): {
  readonly all: MemoryIncidents;
  readonly firing: ReadonlyMap<string, number>;
} {
  const all = new MemoryIncidents();
  const firing = new Map<string, number>();
  for (const one of commands) {
    if (one.kind === 'pass') {
      all.after(one.ms);
      continue;
    }
    const incident = all.get(all.idOf(one.name) ?? '');
    switch (one.kind) {
      case 'fire':
        firing.set(one.name, firing.get(one.name) ?? all.now);
        all.fires(sighting(one.name, { startsAt: firing.get(one.name) ?? 0 }));
        break;
      case 'hear': {
        const startsAt = firing.get(one.name);
        if (startsAt !== undefined) all.fires(sighting(one.name, { startsAt }));
        break;
      }
      case 'end':
        firing.delete(one.name);
        all.end(one.name);
        break;
      case 'split':
        if (
          incident !== undefined &&
          incident.members.length > 1 &&
          incident.members.some(({ fingerprint }) => fingerprint === one.name)
        )
          all.act(incident.id, { kind: 'split', fingerprints: [one.name] });
        break;
      case 'resolve':
        if (incident !== undefined) all.act(incident.id, { kind: 'resolve', note: '' });
        break;
      case 'unmerge':
        undo(all, incident);
        break;
      case 'merge':
        unite(all, incident, all.idOf(one.other));
        break;
    }
  }
  return { all, firing };
}

/** The incidents in which an alert fires. */
function homesOf(all: MemoryIncidents, fingerprint: string): readonly string[] {
  return all
    .all()
    .filter(({ members }) => members.some((one) => one.fingerprint === fingerprint && isFiring(one)))
    .map(({ id }) => id);
}

describe('whatever alerts and people do, in any order', () => {
  it('each alert that fires is part of exactly one incident, and none that ended fires in any', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const { all, firing } = run(commands);
        for (const one of NAMES) {
          const homes = homesOf(all, one);
          expect(homes).toHaveLength(firing.has(one) ? 1 : 0);
          if (homes.length === 1) expect(all.idOf(one)).toBe(homes[0]);
        }
        for (const { phase, members } of all.all()) {
          expect(members.length === 0).toBe(phase.kind === 'merged');
          expect(new Set(members.map(({ fingerprint }) => fingerprint)).size).toBe(members.length);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('hearing all of it again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const { all, firing } = run(commands);
        const before = JSON.stringify(all.all());
        for (const [fingerprint, startsAt] of firing) all.fires(sighting(fingerprint, { startsAt }));
        for (const one of NAMES) if (!firing.has(one)) all.end(one);
        expect(JSON.stringify(all.all())).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  it('what people took apart does not come together by itself', () => {
    fc.assert(
      fc.property(
        fc.array(
          command.filter(({ kind }) => kind !== 'merge'),
          { maxLength: 60 },
        ),
        (commands) => {
          const { all } = run(commands);
          for (const { members, apart } of all.all())
            for (const member of members) expect(apart).not.toContain(cameFrom(member));
        },
      ),
      { numRuns: 60 },
    );
  });
});
