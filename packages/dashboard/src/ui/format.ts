/** Numbers and times as people read them: a unit, sensible precision, one dash for "no data". */

export const NO_VALUE = '–';
const THIN = '\u202f';

export type Unit =
  | 'rate'
  | 'ratio'
  /** What is left of one, a ratio: below 0 when more is gone than there was. */
  | 'budget'
  | 'availability'
  | 'seconds'
  | 'percent'
  | 'megabytes'
  | 'count'
  | 'bytes'
  | 'number';

export interface Formatted {
  readonly value: string;
  readonly unit: string;
}

const NONE: Formatted = { value: NO_VALUE, unit: '' };

/** About three significant digits, never an exponent, no trailing zeros of its own making. */
export function significant(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0) return '0';
  if (magnitude >= 100) return String(Math.round(value));
  if (magnitude >= 10) return trimmed(value.toFixed(1));
  if (magnitude >= 1) return trimmed(value.toFixed(2));
  if (magnitude < 0.001) return value < 0 ? '> −0.001' : '< 0.001';
  return trimmed(value.toPrecision(2));
}

function trimmed(fixed: string): string {
  return fixed.includes('.') ? fixed.replace(/0+$/, '').replace(/\.$/, '') : fixed;
}

const SCALES: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

function scaled(value: number, unit: string): Formatted {
  // 999.7 would round to "1000": scale by what will be shown.
  const shown = Math.abs(value) >= 100 ? Math.round(value) : value;
  const scale = SCALES.find(([size]) => Math.abs(shown) >= size);
  if (scale === undefined) return { value: significant(value), unit };
  return { value: significant(value / scale[0]), unit: `${scale[1]}${unit}` };
}

function seconds(value: number): Formatted {
  const magnitude = Math.abs(value);
  if (magnitude === 0) return { value: '0', unit: 'ms' };
  if (magnitude < 0.000_999_5) return { value: significant(value * 1e6), unit: 'µs' };
  if (magnitude < 0.999_5) return { value: significant(value * 1000), unit: 'ms' };
  if (magnitude < 120) return { value: significant(value), unit: 's' };
  return { value: significant(value / 60), unit: 'min' };
}

function bytes(value: number): Formatted {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let index = 0;
  while (Math.abs(size) >= 1024 && index < units.length - 1) {
    size /= 1024;
    index++;
  }
  return { value: significant(size), unit: units[index] ?? 'B' };
}

/** A value of unknown unit: four digits, and an exponent where zeros would hide it. */
function plainNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 0.001 || magnitude >= 1e15)) return value.toExponential(2);
  const scale = SCALES.find(([size]) => magnitude >= size && magnitude >= 10_000);
  if (scale !== undefined) return `${Number((value / scale[0]).toPrecision(5))}${scale[1]}`;
  return String(Number(value.toPrecision(5)));
}

const FORMATTERS: Readonly<Record<Unit, (value: number) => Formatted>> = {
  rate: (value) => scaled(value, '/s'),
  ratio: (value) => ({ value: significant(value * 100), unit: '%' }),
  // Beyond one that is gone twice nobody counts in percent.
  budget: (value) =>
    value <= -2 ? { value: significant(value), unit: '×' } : { value: significant(value * 100), unit: '%' },
  // Rounded down: what was down for a moment never reads as 100 %.
  availability: (value) => ({ value: trimmed((Math.floor(value * 1e5) / 1e3).toFixed(3)), unit: '%' }),
  percent: (value) => ({ value: significant(value), unit: '%' }),
  seconds,
  megabytes: (value) =>
    Math.abs(value) >= 1000 ? scaled(value / 1000, 'GB') : { value: significant(value), unit: 'MB' },
  count: (value) => scaled(value, ''),
  bytes,
  number: (value) => ({ value: plainNumber(value), unit: '' }),
};

/** Splits a figure into number and unit, so that the unit can stand quieter. */
export function formatParts(value: number | null | undefined, unit: Unit): Formatted {
  if (value == null || !Number.isFinite(value)) return NONE;
  return FORMATTERS[unit](value);
}

/** `142 ms`, `3.2 k/s`, `0.21 %`; the gap does not break. */
export function formatValue(value: number | null | undefined, unit: Unit): string {
  const parts = formatParts(value, unit);
  return parts.unit === '' ? parts.value : `${parts.value}${THIN}${parts.unit}`;
}

type Trend = 'flat' | 'up' | 'down' | 'none';
export interface Comparison {
  readonly text: string;
  readonly trend: Trend;
}

/** Against the window before: relative for most, in points for ratios (from 0.1 % to 0.2 % is not "+100 %" to a reader). */
export function compare(now: number | null, before: number | null | undefined, unit: Unit): Comparison {
  if (now === null || before == null) return { text: 'nothing to compare with', trend: 'none' };
  if (unit === 'ratio') {
    const points = (now - before) * 100;
    if (Math.abs(points) < 0.05) return { text: 'unchanged', trend: 'flat' };
    return {
      text: `${points > 0 ? '+' : '−'}${significant(Math.abs(points))} points`,
      trend: points > 0 ? 'up' : 'down',
    };
  }
  if (before === 0) return now === 0 ? { text: 'unchanged', trend: 'flat' } : { text: 'was 0', trend: 'up' };
  const change = ((now - before) / Math.abs(before)) * 100;
  if (Math.abs(change) < 1) return { text: 'unchanged', trend: 'flat' };
  if (change > 900) return { text: `${significant(now / before)} times`, trend: 'up' };
  return {
    text: `${change > 0 ? '+' : '−'}${Math.round(Math.abs(change))}${THIN}%`,
    trend: change > 0 ? 'up' : 'down',
  };
}

const STEPS: readonly (readonly [number, number, string])[] = [
  [60, 1, 's'],
  [3600, 60, 'min'],
  [86_400, 3600, 'h'],
  [Number.POSITIVE_INFINITY, 86_400, 'd'],
];

/** `42 s`, `12 min`, `3 h 20 min`, `5 d 2 h`. */
export function formatDuration(millis: number): string {
  const total = Math.max(0, Math.floor(millis / 1000));
  const at = STEPS.findIndex(([limit]) => total < limit);
  const step = STEPS[at];
  if (step === undefined) return NO_VALUE;
  const main = Math.floor(total / step[1]);
  const finer = at >= 2 ? STEPS[at - 1] : undefined;
  const rest = finer === undefined ? 0 : Math.floor((total - main * step[1]) / finer[1]);
  return `${main}${THIN}${step[2]}${finer !== undefined && rest > 0 ? ` ${rest}${THIN}${finer[2]}` : ''}`;
}

/** `just now`, `12 min ago`, `in 3 min`. */
export function formatAgo(at: number, now: number): string {
  const distance = now - at;
  if (Math.abs(distance) < 2000) return 'just now';
  return distance > 0 ? `${formatDuration(distance)} ago` : `in ${formatDuration(-distance)}`;
}

export type Zone = 'local' | 'utc';

const PATTERNS = {
  instant: {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  },
  day: { day: 'numeric', month: 'short' },
  minutes: { hour: '2-digit', minute: '2-digit' },
  seconds: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
} as const satisfies Readonly<Record<string, Intl.DateTimeFormatOptions>>;
type Pattern = keyof typeof PATTERNS;

/** Making a formatter costs a hundred times what using it does. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** An instant in one of the application's few patterns. */
export function formatDate(at: number, pattern: Pattern, zone: Zone): string {
  const key = `${pattern} ${zone}`;
  let known = formatters.get(key);
  if (known === undefined) {
    const timeZone = zone === 'utc' ? { timeZone: 'UTC' } : {};
    known = new Intl.DateTimeFormat('en-GB', { ...PATTERNS[pattern], ...timeZone });
    formatters.set(key, known);
  }
  return known.format(at);
}

/** `Fri 20 Nov 2026, 14:03:22 UTC`: the exact instant, for hovering. */
export function formatInstant(at: number, zone: Zone): string {
  return formatDate(at, 'instant', zone);
}

/** `14:03`, with the day when it is not today. */
export function formatClock(at: number, now: number, zone: Zone, withSeconds = false): string {
  const clock = formatDate(at, withSeconds ? 'seconds' : 'minutes', zone);
  const day = formatDate(at, 'day', zone);
  return day === formatDate(now, 'day', zone) ? clock : `${day}, ${clock}`;
}

/** What is written with times as machines tell them, with those as people do: `since 03:12:07`. */
export function withClocks(text: string, now: number, zone: Zone): string {
  return text.replaceAll(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g, (iso) =>
    formatClock(Date.parse(iso), now, zone, true),
  );
}

/** "300s" and "5m" both read "5 min". */
export function spokenWindow(window: string): string {
  const minutes =
    /^(\d+)m$/.exec(window)?.[1] ??
    (/^(\d+)s$/.test(window) ? String(Number(window.slice(0, -1)) / 60) : null);
  return minutes === null ? 'the window' : `${minutes}${THIN}min`;
}
