import type { Day, Shift } from './contracts.ts';

const DAYS = 7;

/** A shift, as far as it lies in one week. */
export interface Segment {
  readonly shift: Shift;
  /** Of the width of the week, 0 to 1; a day takes a seventh, however many hours it has. */
  readonly left: number;
  readonly width: number;
  /** Epoch ms. */
  readonly from: number;
  readonly until: number;
}

export interface Week {
  readonly days: readonly Day[];
  readonly segments: readonly Segment[];
}

/** Where an instant lies in a week: 0 at its beginning, 1 at its end. */
export function placeIn(days: readonly Day[], at: number): number {
  const index = days.findIndex(({ until }) => at < until);
  const day = days[index];
  if (day === undefined) return 1;
  return Math.max(0, (index + (at - day.from) / (day.until - day.from)) / days.length);
}

/** Shifts, cut into weeks as they are drawn. */
export function weeksOf(days: readonly Day[], shifts: readonly Shift[]): readonly Week[] {
  const weeks: Week[] = [];
  for (let first = 0; first < days.length; first += DAYS) {
    const of = days.slice(first, first + DAYS);
    const [from, until] = [of[0]?.from ?? 0, of.at(-1)?.until ?? 0];
    const segments = shifts
      .filter((shift) => shift.from < until && shift.until > from)
      .map((shift): Segment => {
        const [begin, end] = [Math.max(from, shift.from), Math.min(until, shift.until)];
        const left = placeIn(of, begin);
        return { shift, left, width: placeIn(of, end) - left, from: begin, until: end };
      });
    weeks.push({ days: of, segments });
  }
  return weeks;
}

/** Times from now on in which nobody is on call. */
export function gapsOf(shifts: readonly Shift[], now: number): readonly Shift[] {
  return shifts.filter(({ person, until }) => person === null && until > now);
}
