import { type CalendarDay, calendarDay } from './calendar.ts';

/** A point in time with the zone it is shown in. */
export interface GoTime {
  /** Since the Unix epoch. */
  readonly ns: bigint;
  /** An IANA name, or `UTC`. */
  readonly zone: string;
}

/** Year 1: what Go answers where nothing could be read. */
export const ZERO_TIME: GoTime = { ns: -62_135_596_800_000_000_000n, zone: 'UTC' };

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The parts of a Go layout, longest first where one begins another. */
const PARTS =
  /January|Jan|Monday|Mon|MST|2006|-070000|-07:00:00|-0700|-07:00|-07|Z070000|Z07:00:00|Z0700|Z07:00|Z07|__2|002|_2|01|02|03|04|05|06|15|PM|pm|[.,]0+(?!\d)|[.,]9+(?!\d)|1|2|3|4|5/g;

export interface TimeFields extends CalendarDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** East of UTC. */
  readonly offsetSeconds: number;
  readonly zoneName: string;
}

const formats = new Map<string, Intl.DateTimeFormat | null>();
/** There are about 600 zones. */
const MOST_ZONES = 1000;

/** Null for a name that is no zone. */
function formatOf(zone: string): Intl.DateTimeFormat | null {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
        timeZoneName: 'short',
        era: 'short',
      });
    } catch {
      format = null;
    }
    if (formats.size < MOST_ZONES) formats.set(zone, format);
  }
  return format;
}

/** The name itself where it is a zone, UTC otherwise. */
export function zoneOrUtc(zone: string): string {
  return zone !== '' && zone.length < 64 && formatOf(zone) !== null ? zone : 'UTC';
}

const DAY_SECONDS = 86_400n;

/** Division towards the past, as Go's Unix does. */
export function floorDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

/** How far a zone is from UTC at a time, and what it is called there. */
function zoneAt(zone: string, unixSeconds: number): { readonly offset: number; readonly name: string } {
  const ms = unixSeconds * 1000;
  const format = zone === 'UTC' || Math.abs(ms) > 8e15 ? null : formatOf(zone);
  if (format === null) return { offset: 0, name: 'UTC' };
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name) ?? 0);
  const year = parts.get('era')?.startsWith('B') === true ? 1 - part('year') : part('year');
  const local = new Date(0);
  local.setUTCFullYear(year, part('month') - 1, part('day'));
  local.setUTCHours(part('hour'), part('minute'), part('second'));
  return {
    offset: Math.round(local.getTime() / 1000 - unixSeconds),
    name: parts.get('timeZoneName') ?? zone,
  };
}

export function fieldsOf({ ns, zone }: GoTime): TimeFields {
  const since = floorDiv(ns, 1_000_000_000n);
  // As many as Go has bits for: sums of a template have no end.
  const seconds = BigInt.asIntN(64, since);
  const { offset, name } = zoneAt(zone, Number(seconds));
  const shown = seconds + BigInt(offset);
  const days = floorDiv(shown, DAY_SECONDS);
  const ofDay = Number(shown - days * DAY_SECONDS);
  return {
    ...calendarDay(Number(days)),
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor(ofDay / 60) % 60,
    second: ofDay % 60,
    nanosecond: Number(ns - since * 1_000_000_000n),
    offsetSeconds: offset,
    zoneName: name,
  };
}

function pad(value: number, width: number, fill = '0'): string {
  return String(value).padStart(width, fill);
}

function offsetText(seconds: number, separator: string, parts: 1 | 2 | 3): string {
  const size = Math.abs(seconds);
  const numbers = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].slice(0, parts);
  return (seconds < 0 ? '-' : '+') + numbers.map((number) => pad(number, 2)).join(separator);
}

function numericZone(part: string, offset: number): string {
  const separator = part.includes(':') ? ':' : '';
  const digits = part.replaceAll(/[^0-9]/g, '').length;
  if (part.startsWith('Z') && offset === 0) return 'Z';
  return offsetText(offset, separator, digits === 6 ? 3 : digits === 4 ? 2 : 1);
}

const FORMATTERS: ReadonlyMap<string, (fields: TimeFields) => string> = new Map([
  ['January', ({ month }) => MONTHS[month - 1] ?? ''],
  ['Jan', ({ month }) => (MONTHS[month - 1] ?? '').slice(0, 3)],
  ['1', ({ month }) => String(month)],
  ['01', ({ month }) => pad(month, 2)],
  ['Monday', ({ weekday }) => DAYS[weekday] ?? ''],
  ['Mon', ({ weekday }) => (DAYS[weekday] ?? '').slice(0, 3)],
  ['2', ({ day }) => String(day)],
  ['_2', ({ day }) => pad(day, 2, ' ')],
  ['02', ({ day }) => pad(day, 2)],
  ['__2', ({ yearDay }) => pad(yearDay, 3, ' ')],
  ['002', ({ yearDay }) => pad(yearDay, 3)],
  ['15', ({ hour }) => pad(hour, 2)],
  ['3', ({ hour }) => String(hour % 12 || 12)],
  ['03', ({ hour }) => pad(hour % 12 || 12, 2)],
  ['4', ({ minute }) => String(minute)],
  ['04', ({ minute }) => pad(minute, 2)],
  ['5', ({ second }) => String(second)],
  ['05', ({ second }) => pad(second, 2)],
  ['2006', ({ year }) => pad(year, 4)],
  ['06', ({ year }) => pad(year % 100, 2)],
  ['PM', ({ hour }) => (hour >= 12 ? 'PM' : 'AM')],
  ['pm', ({ hour }) => (hour >= 12 ? 'pm' : 'am')],
  ['MST', ({ zoneName }) => zoneName],
] satisfies [string, (fields: TimeFields) => string][]);

/** A time in the words of a Go layout (`2006-01-02T15:04:05Z07:00`). */
export function formatTime(time: GoTime, layout: string): string {
  const fields = fieldsOf(time);
  return layout.replace(PARTS, (part) => {
    const formatter = FORMATTERS.get(part);
    if (formatter !== undefined) return formatter(fields);
    if (/^[-Z]07/.test(part)) return numericZone(part, fields.offsetSeconds);
    const digits = pad(fields.nanosecond, 9)
      .padEnd(part.length - 1, '0')
      .slice(0, part.length - 1);
    if (part[1] === '0') return part.charAt(0) + digits;
    const trimmed = digits.replace(/0+$/, '');
    return trimmed === '' ? '' : part.charAt(0) + trimmed;
  });
}

interface Reading {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  pm: boolean | undefined;
  offset: number | undefined;
}

type Reader = readonly [pattern: RegExp, take: (reading: Reading, text: string) => void];

const number = (pattern: RegExp, field: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'): Reader => [
  pattern,
  (reading, text) => {
    reading[field] = Number(text);
  },
];
const NAMED_MONTH: Reader = [
  /[A-Za-z]{3,9}/y,
  (reading, text) => {
    reading.month = MONTHS.findIndex((name) => name.toLowerCase().startsWith(text.toLowerCase())) + 1;
  },
];
const NOTHING = (): void => undefined;
const HALF: Reader = [
  /[AaPp][Mm]/y,
  (reading, text) => {
    reading.pm = /^p/i.test(text);
  },
];
const FRACTION: Reader = [
  /(?:[.,]\d{1,9})?/y,
  (reading, text) => {
    reading.nanosecond = Number(text.slice(1).padEnd(9, '0'));
  },
];
const OFFSET: Reader = [
  /Z|[+-]\d\d(?::?\d\d){0,2}/y,
  (reading, text) => {
    const digits = text.replaceAll(/[^0-9]/g, '').padEnd(6, '0');
    const size =
      Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4)) * 60 + Number(digits.slice(4, 6));
    reading.offset = text.startsWith('-') ? -size : size;
  },
];

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['January', NAMED_MONTH],
  ['Jan', [/[A-Za-z]{3}/y, NAMED_MONTH[1]]],
  ['1', number(/\d{1,2}/y, 'month')],
  ['01', number(/\d\d/y, 'month')],
  ['Monday', [/[A-Za-z]{6,9}/y, NOTHING]],
  ['Mon', [/[A-Za-z]{3}/y, NOTHING]],
  ['2', number(/\d{1,2}/y, 'day')],
  ['_2', number(/ ?\d{1,2}/y, 'day')],
  ['02', number(/\d\d/y, 'day')],
  ['15', number(/\d\d/y, 'hour')],
  ['3', number(/\d{1,2}/y, 'hour')],
  ['03', number(/\d\d/y, 'hour')],
  ['4', number(/\d{1,2}/y, 'minute')],
  ['04', number(/\d\d/y, 'minute')],
  ['5', number(/\d{1,2}/y, 'second')],
  ['05', number(/\d\d/y, 'second')],
  ['2006', number(/\d{4}/y, 'year')],
  [
    '06',
    [
      /\d\d/y,
      (reading, text) => {
        reading.year = Number(text) + (Number(text) >= 69 ? 1900 : 2000);
      },
    ],
  ],
  ['PM', HALF],
  ['pm', HALF],
  ['MST', [/[A-Z]{3,5}/y, NOTHING]],
]);

/** Reads a time by a Go layout; undefined where the text is not of it. A text without a zone is in `zone`. */
export function parseTime(layout: string, text: string, zone: string): GoTime | undefined {
  const reading: Reading = {
    year: 1,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    pm: undefined,
    offset: undefined,
  };
  let at = 0;
  let from = 0;
  for (const match of [...layout.matchAll(PARTS), undefined]) {
    const literal = layout.slice(from, match?.index ?? layout.length);
    if (!text.startsWith(literal, at)) return undefined;
    at += literal.length;
    if (match === undefined) break;
    const [part] = match;
    from = match.index + part.length;
    const [pattern, take] = READERS.get(part) ?? (/^[-Z]07/.test(part) ? OFFSET : FRACTION);
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    take(reading, found[0]);
    at += found[0].length;
    // Go takes a fraction after the seconds also where the layout has none.
    if ((part === '05' || part === '5') && !/^[.,][09]/.test(layout.slice(from))) {
      FRACTION[0].lastIndex = at;
      const fraction = FRACTION[0].exec(text)?.[0] ?? '';
      if (fraction !== '') FRACTION[1](reading, fraction);
      at += fraction.length;
    }
  }
  return at === text.length ? assemble(reading, zone) : undefined;
}

function assemble(reading: Reading, zone: string): GoTime | undefined {
  const { year, month, day, minute, second, nanosecond, pm, offset } = reading;
  let { hour } = reading;
  if (pm === true && hour < 12) hour += 12;
  if (pm === false && hour === 12) hour = 0;
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  const valid = month >= 1 && month <= 12 && local.getUTCDate() === day && local.getUTCMonth() === month - 1;
  if (!valid || hour > 23 || minute > 59 || second > 59) return undefined;
  local.setUTCHours(hour, minute, second);
  const wall = local.getTime() / 1000;
  let shift = offset;
  if (shift === undefined) {
    // Twice: near a change of the clocks the first guess may lie on its other side.
    const guess = zoneAt(zone, wall).offset;
    shift = zoneAt(zone, wall - guess).offset;
  }
  return {
    ns: BigInt(wall - shift) * 1_000_000_000n + BigInt(nanosecond),
    zone: offset === undefined ? zone : 'UTC',
  };
}
