import { describe, expect, it } from 'vitest';
import { contains, type TimeInterval } from './interval.ts';
import { namesAt } from './named.ts';
import { wallTimeIn, zoneOf } from './wall-clock.ts';

const at = (text: string, zone = 'UTC') => wallTimeIn(zone, Date.parse(text));

describe('wallTimeIn', () => {
  it.each([
    ['UTC', '2026-07-01T22:30:59Z', { year: 2026, month: 7, day: 1, weekday: 3, minute: 1350 }],
    ['Europe/Berlin', '2026-07-01T22:30:00Z', { year: 2026, month: 7, day: 2, weekday: 4, minute: 30 }],
    ['Europe/Berlin', '2026-01-01T00:00:00Z', { year: 2026, month: 1, day: 1, weekday: 4, minute: 60 }],
    // Clocks go forward at 01:00 UTC on 29 March 2026, and back on 25 October.
    ['Europe/Berlin', '2026-03-29T00:59:00Z', { year: 2026, month: 3, day: 29, weekday: 0, minute: 119 }],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', { year: 2026, month: 3, day: 29, weekday: 0, minute: 180 }],
    ['Europe/Berlin', '2026-10-25T00:30:00Z', { year: 2026, month: 10, day: 25, weekday: 0, minute: 150 }],
    ['Europe/Berlin', '2026-10-25T01:30:00Z', { year: 2026, month: 10, day: 25, weekday: 0, minute: 150 }],
    ['Asia/Kolkata', '2026-01-01T00:00:00Z', { year: 2026, month: 1, day: 1, weekday: 4, minute: 330 }],
    [
      'America/New_York',
      '2026-01-01T00:00:00Z',
      { year: 2025, month: 12, day: 31, weekday: 3, minute: 1140 },
    ],
  ])('%s at %s', (zone, instant, expected) => {
    expect(at(instant, zone)).toEqual(expected);
  });
});

describe('zoneOf', () => {
  it.each([
    ['', 'UTC'],
    ['UTC', 'UTC'],
    ['Europe/Berlin', 'Europe/Berlin'],
    ['Mars/Olympus', undefined],
    ['+02:00', undefined],
  ])('%s', (word, expected) => {
    expect(zoneOf(word)).toBe(expected);
  });

  it('knows the zone of this machine', () => {
    expect(zoneOf('Local')).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  });
});

describe('contains', () => {
  const OFFICE: TimeInterval = {
    times: [{ start: 540, end: 1020 }],
    weekdays: [{ begin: 1, end: 5 }],
  };

  it.each<readonly [TimeInterval, string, boolean]>([
    [{}, '2026-01-01T00:00:00Z', true],
    [{ times: [] }, '2026-01-01T00:00:00Z', false],
    [OFFICE, '2026-01-01T09:00:00Z', true],
    [OFFICE, '2026-01-01T16:59:59Z', true],
    [OFFICE, '2026-01-01T17:00:00Z', false],
    [OFFICE, '2026-01-01T08:59:59Z', false],
    [OFFICE, '2026-01-03T12:00:00Z', false],
    [
      {
        times: [
          { start: 1320, end: 1440 },
          { start: 0, end: 360 },
        ],
      },
      '2026-01-01T23:59:59Z',
      true,
    ],
    [
      {
        times: [
          { start: 1320, end: 1440 },
          { start: 0, end: 360 },
        ],
      },
      '2026-01-01T00:00:00Z',
      true,
    ],
    // Days of the month.
    [{ daysOfMonth: [{ begin: 1, end: 5 }] }, '2026-01-05T00:00:00Z', true],
    [{ daysOfMonth: [{ begin: 1, end: 5 }] }, '2026-01-06T00:00:00Z', false],
    [{ daysOfMonth: [{ begin: -1, end: -1 }] }, '2026-01-31T00:00:00Z', true],
    [{ daysOfMonth: [{ begin: -1, end: -1 }] }, '2026-02-28T00:00:00Z', true],
    [{ daysOfMonth: [{ begin: -1, end: -1 }] }, '2028-02-28T00:00:00Z', false],
    [{ daysOfMonth: [{ begin: -3, end: -1 }] }, '2026-04-28T00:00:00Z', true],
    [{ daysOfMonth: [{ begin: -3, end: -1 }] }, '2026-04-27T00:00:00Z', false],
    [{ daysOfMonth: [{ begin: 10, end: -10 }] }, '2026-04-21T00:00:00Z', true],
    [{ daysOfMonth: [{ begin: 10, end: -10 }] }, '2026-04-22T00:00:00Z', false],
    [{ daysOfMonth: [{ begin: 28, end: 31 }] }, '2026-02-28T00:00:00Z', true],
    // A beginning behind the month's end is never reached.
    [{ daysOfMonth: [{ begin: 29, end: 31 }] }, '2026-02-28T00:00:00Z', false],
    [{ daysOfMonth: [{ begin: -31, end: -31 }] }, '2026-02-01T00:00:00Z', false],
    // Months and years.
    [{ months: [{ begin: 1, end: 3 }] }, '2026-03-31T23:59:59Z', true],
    [
      {
        months: [
          { begin: 1, end: 3 },
          { begin: 12, end: 12 },
        ],
      },
      '2026-12-01T00:00:00Z',
      true,
    ],
    [{ months: [{ begin: 1, end: 3 }] }, '2026-04-01T00:00:00Z', false],
    [{ years: [{ begin: 2025, end: 2026 }] }, '2026-12-31T23:59:59Z', true],
    [{ years: [{ begin: 2025, end: 2025 }] }, '2026-01-01T00:00:00Z', false],
    // All of it must hold.
    [{ ...OFFICE, months: [{ begin: 2, end: 2 }] }, '2026-01-01T12:00:00Z', false],
  ])('%o at %s: %s', (interval, instant, expected) => {
    expect(contains(interval, at(instant))).toBe(expected);
  });
});

describe('namesAt', () => {
  const intervals = new Map<string, readonly TimeInterval[]>([
    ['berlin mornings', [{ times: [{ start: 480, end: 720 }], zone: 'Europe/Berlin' }]],
    ['mornings', [{ times: [{ start: 480, end: 720 }] }]],
    ['either', [{ years: [{ begin: 1999, end: 1999 }] }, { months: [{ begin: 7, end: 7 }] }]],
    ['never', []],
  ]);
  const all = [...intervals.keys()];

  it.each([
    ['2026-07-01T06:00:00Z', ['berlin mornings', 'either']],
    ['2026-07-01T08:00:00Z', ['berlin mornings', 'mornings', 'either']],
    ['2026-01-01T06:30:00Z', []],
    ['2026-01-01T07:00:00Z', ['berlin mornings']],
  ])('%s', (instant, expected) => {
    expect(namesAt(intervals, all, Date.parse(instant))).toEqual(expected);
  });

  it('looks at the names that were asked for only', () => {
    expect(namesAt(intervals, ['never', 'unknown'], Date.parse('2026-07-01T08:00:00Z'))).toEqual([]);
  });
});
