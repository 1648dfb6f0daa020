import { engineErrors } from './errors.ts';

/** More ids than this in one list cost more in parsing than a range with a filter in JavaScript (and 20 k ids exceed max_query_size). */
export const MAX_LIST = 2_000;

/** A value that `sql` renders as a typed literal. Times go through {@link dateTime64} or {@link day}. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly string[]
  | readonly number[]
  | readonly bigint[]
  | BigUint64Array
  | Uint32Array
  | Float64Array;

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

// The line and paragraph separators and the byte order mark pass through: they mean nothing inside a quoted literal.
// oxlint-disable-next-line no-control-regex -- NUL must be escaped: the C boundary of the driver would end the statement there
const NEEDS_ESCAPE = /[\\'\0\n\r\t\b\f]/g;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** A quoted String literal. Lone surrogates have no UTF-8 form and become U+FFFD. */
export function stringLiteral(value: string): string {
  const wellFormed = value.replace(LONE_SURROGATE, '\uFFFD');
  return `'${wellFormed.replace(NEEDS_ESCAPE, (char) => ESCAPES[char] ?? char)}'`;
}

/** Integers stay integer literals (LIMIT wants one); everything else is a Float64 literal, `inf`, `-inf` and `nan` included. */
export function numberLiteral(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  if (Object.is(value, -0)) return '-0.';
  if (Number.isSafeInteger(value)) return String(value);
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.`;
}

const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);

export function bigintLiteral(value: bigint): string {
  if (value > MAX_UINT64 || value < MIN_INT64)
    throw engineErrors.make(
      'badQuery',
      `${value} fits neither UInt64 nor Int64; expected ${MIN_INT64} to ${MAX_UINT64}`,
    );
  return String(value);
}

/** A String of arbitrary bytes, for FixedString ids. */
function bytesLiteral(value: Uint8Array): string {
  return `unhex('${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}')`;
}

/** DateTime64(3, 'UTC') of epoch milliseconds; the fraction of a millisecond is cut. */
export function dateTime64Literal(epochMs: number): string {
  const ms = Math.trunc(epochMs);
  if (!Number.isSafeInteger(ms))
    throw engineErrors.make('badQuery', `${epochMs} is not a time; expected epoch milliseconds`);
  return `fromUnixTimestamp64Milli(${ms}, 'UTC')`;
}

/** Date of days since the epoch. */
export function dayLiteral(day: number): string {
  if (!Number.isInteger(day) || day < 0 || day > 65_535)
    throw engineErrors.make('badQuery', `${day} is not a day; expected days since 1970-01-01, 0 to 65535`);
  return `toDate(${day})`;
}

function scalarLiteral(value: string | number | bigint | boolean | null | Date | Uint8Array): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return stringLiteral(value);
  if (typeof value === 'number') return numberLiteral(value);
  if (typeof value === 'bigint') return bigintLiteral(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return value instanceof Date ? dateTime64Literal(value.getTime()) : bytesLiteral(value);
}

export type SqlList =
  | readonly string[]
  | readonly number[]
  | readonly bigint[]
  | BigUint64Array
  | Uint32Array
  | Float64Array;

/** The items of a list as literals, comma-separated. More than {@link MAX_LIST} is a bad query: ask for a range instead. */
export function listItems(values: SqlList): string {
  if (values.length > MAX_LIST)
    throw engineErrors.make(
      'badQuery',
      `a list of ${values.length} values does not fit a statement; expected at most ${MAX_LIST}`,
      { hint: 'Query the range that holds the ids and filter the answer, or ask in chunks.' },
    );
  const items: string[] = [];
  for (const value of values) items.push(scalarLiteral(value));
  return items.join(',');
}

/** The one place where a JavaScript value becomes SQL text. */
export function literal(value: SqlValue): string {
  if (value === null || typeof value !== 'object') return scalarLiteral(value);
  if (value instanceof Date || value instanceof Uint8Array) return scalarLiteral(value);
  return `[${listItems(value)}]`;
}
