/** The time range of the whole application, as it stands in the URL: `?range=1h`, or `?from=<ms>&to=<ms>` for a fixed one. */
export type TimeRange =
  | { readonly kind: 'relative'; readonly range: string; readonly seconds: number }
  | { readonly kind: 'absolute'; readonly from: number; readonly to: number };

export interface RangeSearch {
  readonly range?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly tz?: 'utc' | undefined;
}

export const QUICK_RANGES: readonly { readonly range: string; readonly label: string }[] = [
  { range: '5m', label: 'Last 5 minutes' },
  { range: '15m', label: 'Last 15 minutes' },
  { range: '30m', label: 'Last 30 minutes' },
  { range: '1h', label: 'Last hour' },
  { range: '3h', label: 'Last 3 hours' },
  { range: '6h', label: 'Last 6 hours' },
  { range: '12h', label: 'Last 12 hours' },
  { range: '24h', label: 'Last 24 hours' },
  { range: '2d', label: 'Last 2 days' },
  { range: '7d', label: 'Last 7 days' },
  { range: '30d', label: 'Last 30 days' },
];

export const DEFAULT_RANGE = '15m';
export const DEFAULT_RANGE_SECONDS = 900;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
/** The server looks back 90 days at most. */
const MAX_SECONDS = 90 * 86_400;
const MIN_SPAN_MS = 10_000;

/** Seconds of a duration such as `90s`, `15m`, `1h30m`, `2d`; null when it is none. */
export function parseDuration(text: string): number | null {
  const compact = text.trim().toLowerCase().replaceAll(' ', '');
  if (!/^(\d+[smhdw])+$/.test(compact)) return null;
  let seconds = 0;
  for (const [, count, unit] of compact.matchAll(/(\d+)([smhdw])/g)) {
    seconds += Number(count) * (UNIT_SECONDS[unit ?? ''] ?? 0);
  }
  return seconds > 0 && seconds <= MAX_SECONDS ? seconds : null;
}

function epoch(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 && number < 8.64e15
    ? Math.round(number)
    : undefined;
}

/** Reads the range from search parameters of any origin: what is not valid is dropped, so that a bad link still opens. */
export function validateRangeSearch(search: Readonly<Record<string, unknown>>): RangeSearch {
  const tz = search['tz'] === 'utc' ? { tz: 'utc' as const } : {};
  const from = epoch(search['from']);
  const to = epoch(search['to']);
  if (from !== undefined && to !== undefined && to - from >= MIN_SPAN_MS) return { ...tz, from, to };
  const range = typeof search['range'] === 'string' ? search['range'] : undefined;
  if (range !== undefined && range !== DEFAULT_RANGE && parseDuration(range) !== null)
    return { ...tz, range };
  return tz;
}

/** What the URL means. */
export function rangeOf(search: RangeSearch): TimeRange {
  if (search.from !== undefined && search.to !== undefined) {
    return { kind: 'absolute', from: search.from, to: search.to };
  }
  const range = search.range ?? DEFAULT_RANGE;
  return { kind: 'relative', range, seconds: parseDuration(range) ?? DEFAULT_RANGE_SECONDS };
}

/** The search parameters for a range; undefined removes a parameter, and the default range needs none. */
export function searchOf(range: TimeRange): RangeSearch {
  if (range.kind === 'absolute') {
    return { range: undefined, from: Math.round(range.from), to: Math.round(range.to) };
  }
  return { range: range.range === DEFAULT_RANGE ? undefined : range.range, from: undefined, to: undefined };
}

/** The range as two instants (ms). */
export function boundsOf(range: TimeRange, now: number): { readonly from: number; readonly to: number } {
  return range.kind === 'absolute' ? range : { from: now - range.seconds * 1000, to: now };
}

/** The `window=` and `end=` parameters of a range; the server takes no window under 10 s. */
export function windowOf(range: TimeRange): { readonly window: string; readonly end?: string } {
  if (range.kind === 'relative') return { window: `${range.seconds}s` };
  const seconds = Math.min(MAX_SECONDS, Math.max(10, Math.ceil((range.to - range.from) / 1000)));
  return { window: `${seconds}s`, end: String(Math.round(range.to)) };
}

/** How often a live view asks again: about a sixtieth of what it shows, 5 s at least. */
export function refreshMillis(range: TimeRange): number | false {
  if (range.kind === 'absolute') return false;
  return Math.min(300_000, Math.max(5000, Math.round((range.seconds * 1000) / 180)));
}

/** A step for range queries: about 180 points, on a human grid, at least the scrape interval. */
export function stepSeconds(spanSeconds: number, minimum = 5): number {
  const grid = [5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
  return grid.find((step) => step >= minimum && spanSeconds / step <= 180) ?? 86_400;
}

/** Moves a range by half its width, into the past (-1) or towards now (+1); a relative range becomes fixed. */
export function shiftRange(range: TimeRange, direction: -1 | 1, now: number): TimeRange {
  const { from, to } = boundsOf(range, now);
  const half = ((to - from) / 2) * direction;
  return { kind: 'absolute', from: from + half, to: to + half };
}
