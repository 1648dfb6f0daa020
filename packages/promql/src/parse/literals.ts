import { readDuration } from '../text/duration.ts';
import { unescape } from '../text/quote.ts';
import type { Cursor } from './cursor.ts';
import type { Token } from './tokens.ts';

/** The value of a number token: decimal, hex, octal (leading 0), `_` between digits, Inf, NaN. */
export function numberValue(cursor: Cursor, token: Token): number {
  const text = token.text.toLowerCase();
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  if (text === 'nan') return Number.NaN;
  const plain = text.replaceAll('_', '');
  if (/^0[0-7]+$/.test(plain)) return Number.parseInt(plain, 8);
  const value = Number(plain);
  if (plain === '' || Number.isNaN(value))
    throw cursor.fail(
      token,
      `error parsing number: strconv.ParseFloat: parsing "${token.text}": invalid syntax`,
    );
  if (!Number.isFinite(value))
    throw cursor.fail(
      token,
      `error parsing number: strconv.ParseFloat: parsing "${token.text}": value out of range`,
    );
  return value;
}

/** A duration token in ms. */
export function durationMs(cursor: Cursor, token: Token): number {
  const duration = readDuration(token.text);
  if (!duration.ok) throw cursor.fail(token, duration.reason);
  return duration.ms;
}

/** The text a string token stands for. */
export function stringValue(cursor: Cursor, token: Token): string {
  const mark = token.text[0] ?? '"';
  const result = unescape(token.text.slice(1, -1), mark);
  if (!result.ok) throw cursor.fail({ start: token.start + 1 + result.at }, result.reason);
  return result.value;
}
