/** Both ends belong to it. */
export interface InclusiveRange {
  readonly begin: number;
  readonly end: number;
}

/** Minutes of a day; the end does not belong to it. */
export interface MinuteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A span of calendar time: what is given of times, days, months and years must all hold at once. A list that is given and empty never
 * holds, one that is not given always does.
 */
export interface TimeInterval {
  readonly times?: readonly MinuteRange[] | undefined;
  /** 0 is Sunday. */
  readonly weekdays?: readonly InclusiveRange[] | undefined;
  /** From 1, or from -1 counted from the month's end. */
  readonly daysOfMonth?: readonly InclusiveRange[] | undefined;
  readonly months?: readonly InclusiveRange[] | undefined;
  readonly years?: readonly InclusiveRange[] | undefined;
  /** Where the clock hangs; an IANA name. UTC when it is not given. */
  readonly zone?: string | undefined;
}

/** What a clock on the wall says. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Since midnight, as the clock shows it. */
  readonly minute: number;
}

export function contains(interval: TimeInterval, wall: WallTime): boolean {
  const { times, daysOfMonth, months, weekdays, years } = interval;
  if (times !== undefined && !times.some(({ start, end }) => wall.minute >= start && wall.minute < end))
    return false;
  if (daysOfMonth !== undefined && !daysOfMonth.some((range) => isDayIn(range, wall))) return false;
  if (months !== undefined && !months.some((range) => isIn(range, wall.month))) return false;
  if (weekdays !== undefined && !weekdays.some((range) => isIn(range, wall.weekday))) return false;
  return years === undefined || years.some((range) => isIn(range, wall.year));
}

function isIn({ begin, end }: InclusiveRange, value: number): boolean {
  return value >= begin && value <= end;
}

/** Days that the month does not have fall to its last one, but for a beginning behind it, which is never reached. */
function isDayIn({ begin, end }: InclusiveRange, { year, month, day }: WallTime): boolean {
  const last = daysIn(year, month);
  const from = begin < 0 ? last + begin + 1 : begin;
  const to = end < 0 ? last + end + 1 : end;
  return from <= last && day >= from && day <= Math.min(to, last);
}

function daysIn(year: number, month: number): number {
  const firstOfNext = new Date(0);
  // Years below 100 mean themselves here, which they do not in Date.UTC.
  firstOfNext.setUTCFullYear(year, month, 0);
  return firstOfNext.getUTCDate();
}
