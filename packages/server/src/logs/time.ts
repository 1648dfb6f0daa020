/** A time of a log line: whole milliseconds since the Unix epoch, and the nanoseconds after them. 64 bits do not fit a number (compat X-5). */
export interface LogTime {
  readonly ms: number;
  /** 0 to 999,999. */
  readonly nanos: number;
}

const TWO_32 = 2 ** 32;
const TWO_16 = 2 ** 16;
const NANOS_PER_MS = 1_000_000;

/** The low and the high word of nanoseconds since the epoch, for times from 1970 on. */
export function timeWords({ ms, nanos }: LogTime): { readonly low: number; readonly high: number } {
  // ms × 10^6 passes 2^53: the upper part is multiplied in units of 2^16.
  const upper = Math.floor(ms / TWO_16) * NANOS_PER_MS;
  const lower = (ms % TWO_16) * NANOS_PER_MS + nanos;
  const sum = (upper % TWO_16) * TWO_16 + lower;
  return { low: sum % TWO_32, high: Math.floor(upper / TWO_16) + Math.floor(sum / TWO_32) };
}

export function timeOfNanos(nanoseconds: bigint): LogTime {
  return { ms: Number(nanoseconds / 1_000_000n), nanos: Number(nanoseconds % 1_000_000n) };
}

export function nanosOf({ ms, nanos }: LogTime): bigint {
  return BigInt(ms) * 1_000_000n + BigInt(nanos);
}

/** Nanoseconds written as decimal digits; null when they are none, or more than 2^53 milliseconds. */
export function timeOfDigits(bytes: Uint8Array, start: number, end: number): LogTime | null {
  const length = end - start;
  if (length === 0 || length > 19) return null;
  let ms = 0;
  let nanos = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - 0x30;
    if (digit < 0 || digit > 9) return null;
    if (at < end - 6) ms = ms * 10 + digit;
    else nanos = nanos * 10 + digit;
  }
  return { ms, nanos };
}

/** RFC 3339 with up to nanoseconds; or seconds, milliseconds, microseconds or nanoseconds by their size. Null for anything else. */
export function parseTime(text: string): LogTime | null {
  if (/^\d{1,19}$/.test(text)) return fromDigits(text);
  if (/^\d{1,11}\.\d{1,9}$/.test(text)) return secondsTime(text);
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const ms = Date.parse(`${match[1] ?? ''}T${match[2] ?? ''}${match[4]?.toUpperCase() ?? 'Z'}`);
  if (!Number.isFinite(ms) || ms < 0) return null;
  const fraction = (match[3] ?? '').padEnd(9, '0').slice(0, 9);
  return { ms: ms + Number(fraction.slice(0, 3)), nanos: Number(fraction.slice(3)) };
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,12}))?([Zz]|[+-]\d{2}:\d{2})?$/;

/** Digits alone: ten or fewer are seconds, up to thirteen milliseconds, up to sixteen microseconds, more nanoseconds. */
function fromDigits(text: string): LogTime {
  const unit = text.length <= 10 ? 9 : text.length <= 13 ? 6 : text.length <= 16 ? 3 : 0;
  return timeOfNanos(BigInt(text + '0'.repeat(unit)));
}

function secondsTime(text: string): LogTime {
  const [whole = '0', fraction = ''] = text.split('.');
  return timeOfNanos(BigInt(whole + fraction.padEnd(9, '0')));
}
