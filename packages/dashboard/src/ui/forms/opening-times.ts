import { dateTimeOf, inputOf } from '../../time/date-time.ts';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type DayName = (typeof DAYS)[number];

const LENGTH_MS = 2 * 3_600_000;

/** When a maintenance window is open, as a form holds it: once, or every week at the same time. */
export interface OpeningTimes {
  readonly kind: 'once' | 'weekly';
  /** As fields for date and time hold them. */
  readonly from: string;
  readonly until: string;
  readonly days: readonly DayName[];
  /** `02:00` */
  readonly at: string;
  /** `90m` */
  readonly duration: string;
  readonly timeZone: string;
}

/** Two hours from now, by the reader's clock, in their zone. */
export function freshTimes(now: number): OpeningTimes {
  return {
    kind: 'once',
    from: inputOf(now),
    until: inputOf(now + LENGTH_MS),
    days: DAYS,
    at: '02:00',
    duration: '2h',
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** What is still to be said, for people. */
export function missingTimes({ kind, from, until, days, at, duration }: OpeningTimes): readonly string[] {
  if (kind === 'once') {
    const [begin, end] = [dateTimeOf(from), dateTimeOf(until)];
    return begin === null || end === null || end <= begin ? ['an end after its beginning'] : [];
  }
  return [
    ...(days.length === 0 ? ['a day'] : []),
    ...(at.trim() === '' ? ['a time of day'] : []),
    ...(duration.trim() === '' ? ['how long'] : []),
  ];
}

/** The instant a field for date and time holds, as an API takes it; empty when it holds none. */
export function isoOf(text: string): string {
  const at = dateTimeOf(text);
  return at === null ? '' : new Date(at).toISOString();
}

/** The weekly times as an API takes them. Every day and UTC need no word. */
export function weeklyOf({ days, at, duration, timeZone }: OpeningTimes): {
  readonly days?: DayName[];
  readonly at: string;
  readonly duration: string;
  readonly time_zone?: string;
} {
  return {
    ...(days.length < DAYS.length && { days: DAYS.filter((day) => days.includes(day)) }),
    at: at.trim(),
    duration: duration.trim(),
    ...(timeZone.trim() !== '' && { time_zone: timeZone.trim() }),
  };
}

/** `Mon, Tue at 02:00 for 2h, Europe/Berlin`; of no days every day. */
export function weeklyInWords(times: {
  readonly days?: readonly string[] | undefined;
  readonly at: string;
  readonly duration: string;
  readonly time_zone?: string | undefined;
}): string {
  const { days = DAYS, at, duration, time_zone: zone = 'UTC' } = times;
  const named = DAYS.filter((day) => days.includes(day)).map(
    (day) => `${day.charAt(0).toUpperCase()}${day.slice(1)}`,
  );
  return `${named.length === DAYS.length ? 'Every day' : named.join(', ')} at ${at} for ${duration}, ${zone}`;
}
