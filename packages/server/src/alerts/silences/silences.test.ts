import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelSet } from '../labels/label-set.ts';
import { alertOf } from '../received/alert.ts';
import { SilenceBook } from './book.ts';
import {
  expireSilence,
  isForgettable,
  type MatcherSpec,
  type Silence,
  setSilence,
  silenceState,
  type WantedSilence,
} from './silence.ts';
import { silenceKind, silenceOf, storedSilence } from './stored.ts';

const NOW = 1_000_000;
const JOB: MatcherSpec = { name: 'job', op: '=', value: 'api' };
const wanted = (more: Partial<WantedSilence> = {}): WantedSilence => ({
  id: null,
  matchers: [JOB],
  startsAt: NOW,
  endsAt: NOW + 60_000,
  createdBy: 'me',
  comment: 'why',
  annotations: new Map(),
  ...more,
});
const silence = (more: Partial<Silence> = {}): Silence => ({
  ...wanted(),
  updatedAt: 1,
  ...more,
  id: more.id ?? 's1',
});
const set = (want: WantedSilence, known?: Silence, now = NOW) => setSilence(want, known, now, 'new');

describe('silenceState', () => {
  it.each([
    [NOW - 1, 'pending'],
    [NOW, 'active'],
    [NOW + 60_000, 'active'],
    [NOW + 60_001, 'expired'],
  ])('at %s is %s', (now, state) => {
    expect(silenceState(silence(), now)).toBe(state);
  });
});

describe('setSilence', () => {
  it('makes one, which begins now at the earliest', () => {
    expect(set(wanted({ startsAt: 5 }))).toEqual({
      ok: true,
      id: 'new',
      writes: [{ ...wanted(), id: 'new', startsAt: NOW, updatedAt: NOW }],
    });
    expect(set(wanted({ startsAt: NOW + 9 }))).toMatchObject({ writes: [{ startsAt: NOW + 9 }] });
  });

  it.each<readonly [string, Partial<WantedSilence>, string]>([
    [
      'end before start',
      { endsAt: NOW - 1, startsAt: NOW },
      'Failed to create silence: start time must be before end time',
    ],
    ['no length', { endsAt: NOW }, 'Failed to create silence: start time must be before end time'],
    ['in the past', { startsAt: 1, endsAt: 2 }, "Failed to create silence: end time can't be in the past"],
    ['no matcher', { matchers: [] }, 'invalid silence: at least one matcher required'],
    [
      'only empty ones',
      {
        matchers: [
          { name: 'a', op: '=', value: '' },
          { name: 'b', op: '=~', value: 'x*' },
        ],
      },
      'invalid silence: at least one matcher must not match the empty string',
    ],
    [
      'no name',
      { matchers: [{ ...JOB, name: '' }] },
      'invalid silence: invalid label matcher 0: invalid label name ""',
    ],
  ])('refuses %s', (_name, more, message) => {
    expect(set(wanted(more))).toEqual({ ok: false, reason: 'invalid', message });
  });

  it('refuses a pattern that is none', () => {
    const change = set(wanted({ matchers: [JOB, { name: 'a', op: '!~', value: '(' }] }));
    expect(change).toMatchObject({ ok: false, reason: 'invalid' });
    expect(change.ok ? '' : change.message).toContain(
      'invalid label matcher 1: invalid regular expression "("',
    );
  });

  it('takes a pattern as it stands, not within anchors', () => {
    expect(set(wanted({ matchers: [{ name: 'a', op: '=~', value: 'a)|(b' }] })).ok).toBe(false);
  });

  it('takes negative matchers of the empty text', () => {
    expect(set(wanted({ matchers: [{ name: 'a', op: '!=', value: '' }] })).ok).toBe(true);
  });

  it('does not know an id that nobody has', () => {
    expect(set(wanted({ id: 's9' }))).toEqual({ ok: false, reason: 'unknown', message: 'silence not found' });
  });

  it.each<readonly [string, Partial<Silence>, Partial<WantedSilence>]>([
    ['an active one may end at another time', {}, { endsAt: NOW + 5 }],
    ['and begins within the same second', { startsAt: NOW - 100_000 }, { startsAt: NOW - 99_999 }],
    ['its words may change', {}, { comment: 'because', createdBy: 'you' }],
    ['a pending one may move', { startsAt: NOW + 10 }, { startsAt: NOW + 500 }],
  ])('%s: changed in place', (_name, known, more) => {
    const change = set(wanted({ id: 's1', ...more }), silence(known));
    expect(change).toMatchObject({ ok: true, id: 's1', writes: [{ id: 's1', updatedAt: NOW, ...more }] });
    expect(change.ok && change.writes).toHaveLength(1);
  });

  it.each<
    readonly [
      string,
      Partial<Silence>,
      Partial<WantedSilence>,
      readonly (readonly [string, number, number])[],
    ]
  >([
    [
      'other matchers',
      { startsAt: NOW - 9000 },
      { startsAt: NOW - 9000, matchers: [{ ...JOB, value: 'web' }] },
      [
        ['s1', NOW - 9000, NOW],
        ['new', NOW, NOW + 60_000],
      ],
    ],
    [
      'another start of an active one',
      { startsAt: NOW - 9000 },
      { startsAt: NOW - 2000 },
      [
        ['s1', NOW - 9000, NOW],
        ['new', NOW, NOW + 60_000],
      ],
    ],
    [
      'a pending one that would begin in the past',
      { startsAt: NOW + 10 },
      { startsAt: NOW - 1 },
      [
        ['s1', NOW, NOW],
        ['new', NOW, NOW + 60_000],
      ],
    ],
    ['an expired one', { startsAt: 1, endsAt: 2 }, {}, [['new', NOW, NOW + 60_000]]],
  ])('%s: the old one ends, a new one begins', (_name, known, more, expected) => {
    const change = set(wanted({ id: 's1', ...more }), silence(known));
    expect(change).toMatchObject({ ok: true, id: 'new' });
    expect(change.ok && change.writes.map(({ id, startsAt, endsAt }) => [id, startsAt, endsAt])).toEqual(
      expected,
    );
  });
});

describe('expireSilence', () => {
  it.each<readonly [Partial<Silence>, readonly (readonly [number, number])[]]>([
    [{ startsAt: NOW - 5 }, [[NOW - 5, NOW]]],
    [{ startsAt: NOW + 5 }, [[NOW, NOW]]],
    [{ startsAt: 1, endsAt: NOW - 1 }, []],
  ])('%o', (more, expected) => {
    expect(expireSilence(silence(more), NOW).map(({ startsAt, endsAt }) => [startsAt, endsAt])).toEqual(
      expected,
    );
  });

  it('is forgotten when its retention is over', () => {
    expect([NOW + 60_099, NOW + 60_100].map((now) => isForgettable(silence(), now, 100))).toEqual([
      false,
      true,
    ]);
  });
});

describe('SilenceBook', () => {
  const alert = (job: string) =>
    alertOf({
      labels: labelSet([['job', job]]),
      annotations: new Map(),
      startsAt: 0,
      endsAt: 0,
      updatedAt: 0,
      isTimeout: false,
      generatorUrl: '',
    });

  it('knows which silences mean an alert, by state', () => {
    const book = new SilenceBook();
    book.put(silence({ id: 'z' }));
    book.put(silence({ id: 'b', startsAt: NOW + 10 }));
    book.put(silence({ id: 'a' }));
    book.put(silence({ id: 'other', matchers: [{ ...JOB, value: 'web' }] }));
    book.put(silence({ id: 'old', startsAt: 1, endsAt: 2 }));
    expect(book.silencing(alert('api'), NOW)).toEqual({ active: ['a', 'z'], pending: ['b'] });
    expect(book.silencing(alert('api'), NOW + 10)).toEqual({ active: ['a', 'b', 'z'], pending: [] });
    expect(book.silencing(alert('api'), NOW + 60_001)).toEqual({ active: [], pending: [] });
    book.put(silence({ id: 'c' }));
    book.put(silence({ id: 'a', endsAt: NOW - 1 }));
    book.delete('z');
    expect(book.silencing(alert('api'), NOW)).toEqual({ active: ['c'], pending: ['b'] });
    expect(book.silencing(alert('db'), NOW)).toEqual({ active: [], pending: [] });
    expect(
      book
        .all()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['a', 'b', 'c', 'old', 'other']);
  });

  it('answers from memory what it would answer anew', () => {
    const change = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      job: fc.constantFrom('api', 'web'),
      startsAt: fc.integer({ min: 0, max: 50 }),
      length: fc.integer({ min: 0, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const kept = new SilenceBook();
        const all = new Map<string, Silence>();
        let now = 0;
        for (const { id, job, startsAt, length } of changes) {
          now += 5;
          const known = all.get(id);
          const want = wanted({
            id: known === undefined ? null : id,
            matchers: [{ ...JOB, value: job }],
            startsAt: now + startsAt,
            endsAt: now + startsAt + length + 1,
          });
          const made = setSilence(want, known, now, `${id}${now}`);
          for (const write of made.ok ? made.writes : []) {
            kept.put(write);
            all.set(write.id, write);
            if (write.id !== id) all.set(id, write);
          }
          for (const name of ['api', 'web']) {
            const fresh = new SilenceBook();
            for (const one of new Map([...all.values()].map((each) => [each.id, each])).values())
              fresh.put(one);
            expect(kept.silencing(alert(name), now)).toEqual(fresh.silencing(alert(name), now));
          }
        }
      }),
    );
  });
});

describe('stored', () => {
  it('is read back as it was', () => {
    const one = silence({ annotations: new Map([['a', 'b']]) });
    expect(silenceOf(silenceKind.schema.parse(JSON.parse(JSON.stringify(storedSilence(one)))))).toEqual(one);
  });
});
