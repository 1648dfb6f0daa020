import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantOf, wallAt } from '../../intervals/zone-time.ts';
import { type Layer, onCallAt, type Schedule } from './schedule.ts';
import { shiftsBetween } from './shifts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const BERLIN = 'Europe/Berlin';
const NEW_YORK = 'America/New_York';

const utc = (text: string): number => Date.parse(`${text}Z`);
const iso = (at: number): string => new Date(at).toISOString().slice(0, 16);

describe('the clock on the wall', () => {
  it.each([
    ['winter', BERLIN, '2026-01-05T09:00', '2026-01-05T08:00'],
    ['summer', BERLIN, '2026-07-06T09:00', '2026-07-06T07:00'],
    ['the last minute before clocks go forward', BERLIN, '2026-03-29T01:59', '2026-03-29T00:59'],
    ['left out: the change itself', BERLIN, '2026-03-29T02:30', '2026-03-29T01:00'],
    ['the first minute after', BERLIN, '2026-03-29T03:00', '2026-03-29T01:00'],
    ['shown twice: the first time', BERLIN, '2026-10-25T02:30', '2026-10-25T00:30'],
    ['after it was shown twice', BERLIN, '2026-10-25T03:00', '2026-10-25T02:00'],
    ['left out in America', NEW_YORK, '2026-03-08T02:15', '2026-03-08T07:00'],
    ['shown twice in America', NEW_YORK, '2026-11-01T01:15', '2026-11-01T05:15'],
    ['half an hour of summer time', 'Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45'],
    ['far east', 'Pacific/Kiritimati', '2026-01-01T00:00', '2025-12-31T10:00'],
    ['a zone of quarters', 'Asia/Kathmandu', '2026-01-01T00:00', '2025-12-31T18:15'],
  ])('%s', (_name, zone, wall, instant) => {
    expect(iso(instantOf(zone, utc(wall)))).toBe(instant);
  });

  it('never runs backward, and shows what was asked unless it is left out', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(BERLIN, NEW_YORK, 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'),
        fc.integer({ min: utc('2020-01-01T00:00') / MINUTE_MS, max: utc('2030-01-01T00:00') / MINUTE_MS }),
        fc.integer({ min: 0, max: 3 * 24 * 60 }),
        (zone, minute, more) => {
          const [wall, later] = [minute * MINUTE_MS, (minute + more) * MINUTE_MS];
          const [at, then] = [instantOf(zone, wall), instantOf(zone, later)];
          expect(then).toBeGreaterThanOrEqual(at);
          const shown = wallAt(zone, at);
          expect(shown).toBeGreaterThanOrEqual(wall);
          // A moment before, the clock showed less: it is the first instant.
          expect(wallAt(zone, at - 1)).toBeLessThan(wall);
        },
      ),
      { numRuns: 300 },
    );
  });
});

const layer = (more: Partial<Layer>): Layer => ({
  name: 'week',
  people: ['ada', 'grace', 'linus'],
  start: utc('2026-01-05T09:00'),
  lengthMs: 7 * DAY_MS,
  during: null,
  ...more,
});
const schedule = (more: Partial<Schedule> = {}): Schedule => ({
  name: 's',
  zone: BERLIN,
  layers: [layer({})],
  overrides: [],
  ...more,
});

describe('who is on call', () => {
  const nights = layer({
    name: 'nights',
    people: ['barbara'],
    lengthMs: DAY_MS,
    during: [{ times: [{ start: 22 * 60, end: 24 * 60 }] }, { times: [{ start: 0, end: 6 * 60 }] }],
  });
  const later = layer({ name: 'newer', people: ['ken'], start: utc('2026-02-02T09:00') });
  const standIn = (person: string, from: string, until: string) => ({
    id: `${person}-${from}`,
    person,
    from: utc(from),
    until: utc(until),
  });

  it.each<readonly [string, Partial<Schedule>, string, string | null]>([
    ['nobody before the first turn', {}, '2026-01-05T07:59', null],
    ['the first turn', {}, '2026-01-05T08:00', 'ada'],
    ['its last minute', {}, '2026-01-12T07:59', 'ada'],
    ['the second', {}, '2026-01-12T08:00', 'grace'],
    ['it begins anew', {}, '2026-01-26T08:00', 'ada'],
    ['at nine by the clock in summer, too: a minute before', {}, '2026-03-30T06:59', 'linus'],
    ['at nine by the clock in summer, too', {}, '2026-03-30T07:00', 'ada'],
    ['at nine again in winter: an hour before', {}, '2026-10-26T07:00', 'linus'],
    ['at nine again in winter', {}, '2026-10-26T08:00', 'ada'],
    ['in another zone', { zone: NEW_YORK }, '2026-01-05T13:59', null],
    ['in another zone, at nine there', { zone: NEW_YORK }, '2026-01-05T14:00', 'ada'],
    ['the last layer that has somebody', { layers: [layer({}), later] }, '2026-02-02T07:59', 'ada'],
    ['and from its start on', { layers: [layer({}), later] }, '2026-02-02T08:00', 'ken'],
    [
      'outside of its times it leaves it to those below',
      { layers: [layer({}), nights] },
      '2026-01-06T20:59',
      'ada',
    ],
    ['within', { layers: [layer({}), nights] }, '2026-01-06T21:00', 'barbara'],
    ['its times by the clock in summer', { layers: [layer({}), nights] }, '2026-07-07T20:00', 'barbara'],
    ['alone outside of its times: nobody', { layers: [nights] }, '2026-01-06T12:00', null],
    [
      'who stands in',
      { layers: [nights], overrides: [standIn('eve', '2026-01-06T12:00', '2026-01-07T00:00')] },
      '2026-01-06T22:00',
      'eve',
    ],
    [
      'not at the end any more',
      { layers: [nights], overrides: [standIn('eve', '2026-01-06T12:00', '2026-01-07T00:00')] },
      '2026-01-07T00:00',
      'barbara',
    ],
    [
      'the last one of those who stand in',
      {
        overrides: [
          standIn('eve', '2026-01-06T12:00', '2026-01-07T00:00'),
          standIn('dan', '2026-01-06T13:00', '2026-01-06T14:00'),
        ],
      },
      '2026-01-06T13:30',
      'dan',
    ],
  ])('%s', (_name, more, at, person) => {
    expect(onCallAt(schedule(more), utc(at))?.person ?? null).toBe(person);
  });

  it('hands over twelve hours long at nine and at nine, also in the night without 02:30', () => {
    const half = schedule({ layers: [layer({ people: ['a', 'b'], lengthMs: 12 * HOUR_MS })] });
    const shifts = shiftsBetween(half, utc('2026-03-28T12:00'), utc('2026-03-30T12:00'));
    expect(shifts.map(({ from, turn }) => [iso(from), turn?.person])).toEqual([
      ['2026-03-28T12:00', 'a'],
      ['2026-03-28T20:00', 'b'],
      ['2026-03-29T07:00', 'a'],
      ['2026-03-29T19:00', 'b'],
      ['2026-03-30T07:00', 'a'],
    ]);
  });

  it('hands over once where the clock shows the time twice, and at the change where it leaves it out', () => {
    const early = layer({ people: ['a', 'b'], start: utc('2026-01-01T02:30'), lengthMs: DAY_MS });
    const begins = (from: string, until: string): readonly string[] =>
      shiftsBetween(schedule({ layers: [early] }), utc(from), utc(until)).map((one) => iso(one.from));
    expect(begins('2026-10-24T12:00', '2026-10-26T12:00').slice(1)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    expect(begins('2026-03-28T12:00', '2026-03-30T12:00').slice(1)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
  });
});

/** What the schedule means, minute by minute and with no arithmetic: turns are counted while the clock on the wall is watched. */
function watched({ zone, layers, overrides }: Schedule, until: number): ReadonlyMap<number, string | null> {
  const firstWall = Math.min(...layers.map(({ start }) => start));
  const counted = layers.map((one) => ({ one, next: one.start, turn: -1 }));
  const seen = new Map<number, string | null>();
  for (let at = firstWall - DAY_MS; at < until; at += MINUTE_MS) {
    const wall = wallAt(zone, at);
    let person: string | null = null;
    for (const state of counted) {
      const { one } = state;
      while (wall >= state.next) {
        state.turn++;
        state.next += one.lengthMs;
      }
      const minute = Math.floor((wall % DAY_MS) / MINUTE_MS);
      const isActive =
        one.during === null ||
        one.during.some(({ times = [] }) => times.some(({ start, end }) => minute >= start && minute < end));
      if (state.turn >= 0 && isActive) person = one.people[state.turn % one.people.length];
    }
    for (const override of overrides)
      if (at >= override.from && at < override.until) person = override.person;
    seen.set(at, person);
  }
  return seen;
}

/** Around changes of clocks in Europe and America, in both directions. */
const CHANGES = ['2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01'].map((day) => utc(`${day}T00:00`));

const anyLayer = fc.record({
  start: fc.integer({ min: 0, max: 3 * 24 * 4 }).map((quarters) => quarters * 15 * MINUTE_MS),
  lengthMs: fc.integer({ min: 4, max: 5 * 24 * 4 }).map((quarters) => quarters * 15 * MINUTE_MS),
  people: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
  during: fc.option(
    fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 96 }))
        .map(([a, b]) => ({ times: [{ start: Math.min(a, b) * 15, end: Math.max(a + 1, b) * 15 }] })),
      { minLength: 1, maxLength: 2 },
    ),
  ),
});

const anySchedule = fc
  .record({
    zone: fc.constantFrom(BERLIN, NEW_YORK, 'UTC'),
    change: fc.constantFrom(...CHANGES),
    layers: fc.array(anyLayer, { minLength: 1, maxLength: 3 }),
    overrides: fc.array(
      fc.record({
        person: fc.constantFrom('x', 'y'),
        from: fc.integer({ min: 0, max: 500 }),
        length: fc.integer({ min: 1, max: 100 }),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ zone, change, layers, overrides }) => {
    const begin = change - 2 * DAY_MS;
    return {
      begin,
      of: schedule({
        zone,
        layers: layers.map((one, i) => layer({ ...one, name: `layer ${i}`, start: begin + one.start })),
        overrides: overrides.map(({ person, from, length }, i) => ({
          id: String(i),
          person,
          from: begin + from * 15 * MINUTE_MS,
          until: begin + (from + length) * 15 * MINUTE_MS,
        })),
      }),
    };
  });

describe('every instant', () => {
  it('has exactly the person that watching the clock names', () => {
    fc.assert(
      fc.property(
        anySchedule,
        fc.array(fc.nat(5 * 24 * 60), { minLength: 30, maxLength: 30 }),
        ({ begin, of }, looks) => {
          const until = begin + 5 * DAY_MS;
          const expected = watched(of, until);
          for (const look of looks) {
            const at = begin + look * MINUTE_MS;
            if (expected.has(at))
              expect([iso(at), onCallAt(of, at)?.person ?? null]).toEqual([iso(at), expected.get(at)]);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is in exactly one shift, of the one who is on call then', () => {
    fc.assert(
      fc.property(
        anySchedule,
        fc.array(fc.nat(5 * DAY_MS - 1), { minLength: 20, maxLength: 20 }),
        ({ begin, of }, looks) => {
          const shifts = shiftsBetween(of, begin, begin + 5 * DAY_MS);
          expect(shifts[0]?.from).toBe(begin);
          expect(shifts.at(-1)?.until).toBe(begin + 5 * DAY_MS);
          shifts.forEach(({ from, until }, i) => {
            expect(until).toBeGreaterThan(from);
            if (i > 0) expect(from).toBe(shifts[i - 1]?.until);
          });
          for (const look of looks) {
            const at = begin + look;
            const found = shifts.filter(({ from, until }) => at >= from && at < until);
            expect(found.map(({ turn }) => turn?.person ?? null)).toEqual([onCallAt(of, at)?.person ?? null]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
