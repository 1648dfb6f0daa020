import { dateTimeOf } from '../silence-times.ts';
import { DAYS, type DayName, type KnownWindow, type MaintenanceWindow } from './contracts.ts';

/** A window as the form holds it. */
export interface Draft {
  readonly name: string;
  /** One matcher or more a line. */
  readonly matchers: string;
  readonly kind: 'once' | 'weekly';
  /** As fields for date and time hold them. */
  readonly from: string;
  readonly until: string;
  readonly days: readonly DayName[];
  readonly at: string;
  readonly duration: string;
  readonly timeZone: string;
}

export const EMPTY: Draft = {
  name: '',
  matchers: '',
  kind: 'once',
  from: '',
  until: '',
  days: DAYS,
  at: '02:00',
  duration: '2h',
  timeZone: 'UTC',
};

function matchersOf({ matchers }: Draft): readonly string[] {
  return matchers
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** What is still to be said before it can be made, for people. */
export function missingOf(draft: Draft): readonly string[] {
  const [from, until] = [dateTimeOf(draft.from), dateTimeOf(draft.until)];
  return [
    ...(draft.name.trim() === '' ? ['a name'] : []),
    ...(matchersOf(draft).length === 0 ? ['which alerts'] : []),
    ...(draft.kind === 'once' && (from === null || until === null || until <= from)
      ? ['an end after its beginning']
      : []),
    ...(draft.kind === 'weekly' && draft.days.length === 0 ? ['a day'] : []),
  ];
}

/** What the API is given; of a draft that lacks nothing. */
export function windowOf(draft: Draft): MaintenanceWindow {
  const head = { name: draft.name.trim(), matchers: [...matchersOf(draft)] };
  if (draft.kind === 'once') {
    const iso = (text: string): string => new Date(dateTimeOf(text) ?? 0).toISOString();
    return { ...head, from: iso(draft.from), until: iso(draft.until) };
  }
  const { days, at, duration, timeZone } = draft;
  return {
    ...head,
    ...(days.length < DAYS.length && { days: DAYS.filter((day) => days.includes(day)) }),
    at: at.trim(),
    duration: duration.trim(),
    ...(timeZone.trim() !== '' && { time_zone: timeZone.trim() }),
  };
}

/** `mon, tue at 02:00 for 2h, Europe/Berlin`; of one that opens once, nothing: its times say it. */
export function rhythmOf({ window }: KnownWindow): string {
  if ('from' in window) return 'once';
  const { days, at, duration, time_zone: zone = 'UTC' } = window;
  return `${days === undefined ? 'every day' : days.join(', ')} at ${at} for ${duration}, ${zone}`;
}

/** Open now before to come before over; each by its next time. */
export function inOrder(windows: readonly KnownWindow[]): readonly KnownWindow[] {
  const rank = ({ open_until: open, opens_at: opens }: KnownWindow): number =>
    open !== null ? 0 : opens !== null ? 1 : 2;
  const time = ({ open_until: open, opens_at: opens }: KnownWindow): number => open ?? opens ?? 0;
  return windows.toSorted((a, b) => rank(a) - rank(b) || time(a) - time(b));
}
