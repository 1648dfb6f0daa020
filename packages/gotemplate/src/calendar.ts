/** A day of the Gregorian calendar, reckoned back to before it was made, as Go does. */
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** From 0 for Sunday. */
  readonly weekday: number;
  /** From 1. */
  readonly yearDay: number;
}

const ERA_DAYS = 146_097;
/** From 1 March of year 0, where an era begins, to 1 January 1970. */
const TO_EPOCH = 719_468;

/**
 * The day so many days after 1 January 1970. A Date ends in the year 275760, Go's times do not: a template may reach them.
 * Howard Hinnant, chrono-Compatible Low-Level Date Algorithms (civil_from_days).
 */
export function calendarDay(days: number): CalendarDay {
  const since = days + TO_EPOCH;
  const era = Math.floor(since / ERA_DAYS);
  const dayOfEra = since - era * ERA_DAYS;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  // Of a year that begins in March, so that a leap day is its last.
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return {
    year,
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: month <= 2 ? dayOfYear - 305 : dayOfYear + (isLeap(year) ? 61 : 60),
  };
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
