import type { WallTime } from './interval.ts';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** A formatter costs a millisecond, its use a microsecond. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of a zone say at an instant (epoch ms), daylight saving and all. The zone must be a known one. */
export function wallTimeIn(zone: string, at: number): WallTime {
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  return {
    year: number('year'),
    month: number('month'),
    day: number('day'),
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? ''),
    minute: number('hour') * 60 + number('minute'),
  };
}

/** The zone that a file's word means; undefined when there is none. `Local` is that of this machine. */
export function zoneOf(word: string): string | undefined {
  if (word === '') return 'UTC';
  if (word === 'Local') return new Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Newer engines take offsets such as +02:00, which Alertmanager does not.
  if (!/^[A-Za-z]/.test(word)) return undefined;
  try {
    formatterOf(word);
    return word;
  } catch {
    return undefined;
  }
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
  });
  formatters.set(zone, formatter);
  return formatter;
}
