import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calendarDay } from './calendar.ts';

it('tells the same day as a Date, wherever one reaches', () => {
  fc.assert(
    fc.property(fc.integer({ min: -99_000_000, max: 99_000_000 }), (days) => {
      const date = new Date(days * 86_400_000);
      const newYear = new Date(0);
      newYear.setUTCFullYear(date.getUTCFullYear(), 0, 1);
      expect(calendarDay(days)).toEqual({
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        weekday: date.getUTCDay(),
        yearDay: (date.getTime() - newYear.getTime()) / 86_400_000 + 1,
      });
    }),
    { numRuns: 2000 },
  );
});

it('goes on where a Date ends', () => {
  // 400 years are 146,097 days, which are whole weeks.
  const known = calendarDay(11_016);
  expect(known).toEqual({ year: 2000, month: 2, day: 29, weekday: 2, yearDay: 60 });
  expect(calendarDay(11_016 + 146_097 * 1_000_000)).toEqual({ ...known, year: 400_002_000 });
  expect(calendarDay(11_016 - 146_097 * 1_000_000)).toEqual({ ...known, year: -399_998_000 });
});
