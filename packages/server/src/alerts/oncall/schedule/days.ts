import { instantOf, wallAt } from '../../intervals/zone-time.ts';

const DAY_MS = 86_400_000;
const WEEK = 7;

/** A day by the clock of a zone: 23 or 25 hours long where clocks are changed. Epoch ms; the end does not belong to it. */
export interface Day {
  /** As in `2026-03-29`. */
  readonly date: string;
  readonly from: number;
  readonly until: number;
}

/** The days of whole weeks, Monday first, from the week of an instant on. */
export function daysOfWeeks(zone: string, at: number, weeks: number): readonly Day[] {
  const today = Math.floor(wallAt(zone, at) / DAY_MS) * DAY_MS;
  const sinceMonday = (new Date(today).getUTCDay() + WEEK - 1) % WEEK;
  const monday = today - sinceMonday * DAY_MS;
  return Array.from({ length: weeks * WEEK }, (_, i) => {
    const midnight = monday + i * DAY_MS;
    return {
      date: new Date(midnight).toISOString().slice(0, 10),
      from: instantOf(zone, midnight),
      until: instantOf(zone, midnight + DAY_MS),
    };
  });
}
