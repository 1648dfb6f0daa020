import { describe, expect, it } from 'vitest';
import type { Day, Shift } from './contracts.ts';
import { gapsOf, placeIn, weeksOf } from './weeks.ts';

const HOUR = 3_600_000;
/** Two weeks from 0; the Sunday of the first has 23 hours. */
const DAYS: readonly Day[] = (() => {
  let from = 0;
  return Array.from({ length: 14 }, (_, i) => {
    const until = from + (i === 6 ? 23 : 24) * HOUR;
    const day = { date: `day ${i}`, from, until };
    from = until;
    return day;
  });
})();
const shift = (from: number, until: number, person: string | null = 'ada'): Shift => ({
  from,
  until,
  person,
  by: person === null ? null : 'layer',
  source: 'week',
});

describe('weeks of a schedule', () => {
  it('give each day a seventh, also the one that clocks make shorter', () => {
    const week = DAYS.slice(0, 7);
    expect(placeIn(week, 0)).toBe(0);
    expect(placeIn(week, 24 * HOUR)).toBeCloseTo(1 / 7);
    expect(placeIn(week, 6 * 24 * HOUR + 11.5 * HOUR)).toBeCloseTo(6.5 / 7);
    expect(placeIn(week, (7 * 24 - 1) * HOUR)).toBe(1);
    expect(placeIn(week, -HOUR)).toBe(0);
  });

  it('cut shifts where weeks end', () => {
    const [first, second] = weeksOf(DAYS, [
      shift(0, 36 * HOUR),
      shift(36 * HOUR, DAYS[13]?.until ?? 0, 'grace'),
    ]);
    expect(
      first?.segments.map(({ shift: { person }, left, width }) => [person, left * 7, width * 7]),
    ).toEqual([
      ['ada', 0, 1.5],
      ['grace', expect.closeTo(1.5), expect.closeTo(5.5)],
    ]);
    expect(second?.segments).toMatchObject([
      { left: 0, width: 1, from: DAYS[7]?.from, until: DAYS[13]?.until },
    ]);
  });

  it('tell of times that nobody has, as far as they are to come', () => {
    const shifts = [shift(0, 10, null), shift(10, 20), shift(20, 30, null)];
    expect(gapsOf(shifts, 15)).toEqual([shifts[2]]);
    expect(gapsOf(shifts, 5)).toHaveLength(2);
  });
});
