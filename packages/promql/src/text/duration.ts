import { QueryError } from '../errors.ts';

/**
 * Prometheus durations: `1h30m`, units y w d h m s ms in falling order, each at most once; `0` alone is allowed.
 * Everything is in integer milliseconds; a year has 365 days.
 */
const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

const PATTERN = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Go's time.Duration ends near 292 years; so do we. */
const MAX_MS = 9_223_372_036_854;

export type DurationResult =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly reason: string };

/** Reads a duration; `reason` is Prometheus' wording. */
export function readDuration(text: string): DurationResult {
  if (text === '0') return { ok: true, ms: 0 };
  if (text === '') return { ok: false, reason: 'empty duration string' };
  const match = PATTERN.exec(text);
  if (match === null) return { ok: false, reason: `not a valid duration string: ${JSON.stringify(text)}` };
  let ms = 0;
  UNITS.forEach(([, size], index) => {
    const digits = match[index + 1];
    if (digits !== undefined) ms += Number(digits) * size;
  });
  return ms > MAX_MS ? { ok: false, reason: 'duration out of range' } : { ok: true, ms };
}

/** A duration's text, shortest exact form: `90000` -> `1m30s`, `0` -> `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  let rest = Math.abs(Math.round(ms));
  let text = ms < 0 ? '-' : '';
  for (const [unit, size] of UNITS) {
    // Years and weeks only when nothing smaller remains: 90d reads better than 12w6d.
    if ((unit === 'y' || unit === 'w') && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) {
      text += `${count}${unit}`;
      rest -= count * size;
    }
  }
  return text;
}

/** A duration's text in ms; throws a QueryError of kind `bad_data` for anything else. */
export function parseDuration(text: string): number {
  const result = readDuration(text);
  if (!result.ok) throw new QueryError('bad_data', result.reason);
  return result.ms;
}
