import { describe, expect, it } from 'vitest';
import { daysOfWeeks } from './days.ts';

const HOUR = 3_600_000;
const hours = (zone: string, at: string): readonly string[] =>
  daysOfWeeks(zone, Date.parse(at), 1).map(
    ({ date, from, until }) =>
      `${date} ${(until - from) / HOUR} ${new Date(from).toISOString().slice(0, 16)}`,
  );

describe('the days of a week', () => {
  it('begin with Monday, at midnight of the zone', () => {
    expect(hours('Europe/Berlin', '2026-01-07T12:00:00Z')).toEqual([
      '2026-01-05 24 2026-01-04T23:00',
      '2026-01-06 24 2026-01-05T23:00',
      '2026-01-07 24 2026-01-06T23:00',
      '2026-01-08 24 2026-01-07T23:00',
      '2026-01-09 24 2026-01-08T23:00',
      '2026-01-10 24 2026-01-09T23:00',
      '2026-01-11 24 2026-01-10T23:00',
    ]);
  });

  it('have 23 hours when clocks go forward, 25 when they go back', () => {
    expect(hours('Europe/Berlin', '2026-03-29T00:30:00Z').at(-1)).toBe('2026-03-29 23 2026-03-28T23:00');
    expect(hours('America/New_York', '2026-11-01T12:00:00Z').at(-1)).toBe('2026-11-01 25 2026-11-01T04:00');
  });

  it('are those of the zone, not of UTC: there it may be Monday already', () => {
    expect(hours('Asia/Tokyo', '2026-01-11T16:00:00Z')[0]).toBe('2026-01-12 24 2026-01-11T15:00');
    expect(hours('UTC', '2026-01-11T16:00:00Z')[0]).toBe('2026-01-05 24 2026-01-05T00:00');
  });

  it('follow one another without a gap over weeks', () => {
    const days = daysOfWeeks('Europe/Berlin', Date.parse('2026-10-20T12:00:00Z'), 3);
    expect(days).toHaveLength(21);
    expect(days.slice(1).map(({ from }) => from)).toEqual(days.slice(0, -1).map(({ until }) => until));
  });
});
