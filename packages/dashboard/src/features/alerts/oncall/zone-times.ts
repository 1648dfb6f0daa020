import type { Zone } from '../../../ui/format.ts';

/** Making a formatter costs a hundred times what using it does. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The IANA name of the reader's own zone, or UTC if that is what they chose to see. */
export function viewerZone(zone: Zone): string {
  return zone === 'utc' ? 'UTC' : new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `Mon 30 Nov, 09:00` by the clocks of a zone. */
export function timeIn(timeZone: string, at: number): string {
  let known = formatters.get(timeZone);
  if (known === undefined) {
    known = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
    });
    formatters.set(timeZone, known);
  }
  return known.format(at);
}

/** `09:00`, of an instant whose day is told already. */
export function clockIn(timeZone: string, at: number): string {
  return timeIn(timeZone, at).slice(-5);
}

/** By the clocks of a schedule, and by the reader's where they show something else. */
export function bothTimes(at: number, scheduleZone: string, zone: Zone): string {
  const there = timeIn(scheduleZone, at);
  const here = timeIn(viewerZone(zone), at);
  if (there === here) return there;
  const [[day], [mine, clock]] = [there.split(', '), here.split(', ')];
  return `${there} in ${scheduleZone}, ${mine === day ? clock : here} for you`;
}

/** `Mon 30 Nov, 09:00 to Mon 7 Dec, 09:00`. */
export function spanIn(timeZone: string, from: number, until: number): string {
  return `${timeIn(timeZone, from)} to ${timeIn(timeZone, until)}`;
}
