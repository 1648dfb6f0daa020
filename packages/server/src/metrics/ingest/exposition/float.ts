import { BYTE, latin1 } from './bytes.ts';

/** Powers of ten that a double holds exactly. */
const EXACT_POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const MAX_EXACT_INTEGER = 2 ** 53;

/**
 * Reads numbers out of bytes as Go's `strconv.ParseFloat` does for the exposition formats: decimal with optional
 * exponent, `NaN`, `Inf`, `+Inf`, `-Inf`, `infinity` in any case; no hexadecimal, no underscores; out of range is an error.
 *
 * A mantissa of at most 2^53 with a power of ten of at most 22 is exact in one multiplication or division
 * (Clinger 1990); every other shape goes through `Number`.
 */
export class FloatReader {
  /** The number last read; meaningful only when `read` did not return -1. */
  value = 0;

  /** Reads a token that starts at `start` and ends before a space, tab or newline (there must be one). Returns its end, or -1. */
  read(bytes: Uint8Array, start: number): number {
    let at = start;
    let byte = bytes[at];
    const negative = byte === BYTE.MINUS;
    if (negative) byte = bytes[++at];
    let mantissa = 0;
    const digitsAt = at;
    while (byte >= BYTE.ZERO && byte <= BYTE.NINE) {
      mantissa = mantissa * 10 + (byte - BYTE.ZERO);
      byte = bytes[++at];
    }
    let digits = at - digitsAt;
    let exponent = 0;
    if (byte === BYTE.DOT) {
      const fractionAt = at + 1;
      byte = bytes[++at];
      while (byte >= BYTE.ZERO && byte <= BYTE.NINE) {
        mantissa = mantissa * 10 + (byte - BYTE.ZERO);
        byte = bytes[++at];
      }
      exponent = fractionAt - at;
      digits -= exponent;
    }
    if (byte === BYTE.LOWER_E || byte === BYTE.UPPER_E) {
      const from = at + 1;
      at = this.#exponent(bytes, from);
      exponent += this.#exponentValue;
      byte = bytes[at];
      if (at === from) digits = 0;
    }
    if (!isEnd(byte) || digits === 0 || mantissa > MAX_EXACT_INTEGER || exponent > 22 || exponent < -22) {
      return this.#slow(bytes, start);
    }
    const value = scaled(mantissa, exponent);
    this.value = negative ? -value : value;
    return at;
  }

  #exponentValue = 0;

  /** Reads `[+-]?[0-9]{1,3}`; returns its end, or the start when there is none. */
  #exponent(bytes: Uint8Array, start: number): number {
    let at = start;
    let byte = bytes[at];
    const negative = byte === BYTE.MINUS;
    if (negative || byte === BYTE.PLUS) byte = bytes[++at];
    const from = at;
    let value = 0;
    while (byte >= BYTE.ZERO && byte <= BYTE.NINE && at - from < 4) {
      value = value * 10 + (byte - BYTE.ZERO);
      byte = bytes[++at];
    }
    this.#exponentValue = negative ? -value : value;
    return at === from ? start : at;
  }

  #slow(bytes: Uint8Array, start: number): number {
    let end = start;
    for (;;) {
      const byte = bytes[end];
      if (byte === undefined || isEnd(byte)) break;
      end++;
    }
    if (end - start > MAX_NUMBER_LENGTH) return -1;
    const value = parseFloatText(latin1(bytes, start, end));
    if (value === null) return -1;
    this.value = value;
    return end;
  }
}

function isEnd(byte: number): boolean {
  return byte === BYTE.NEWLINE || byte === BYTE.SPACE || byte === BYTE.TAB;
}

function scaled(mantissa: number, exponent: number): number {
  if (exponent === 0) return mantissa;
  return exponent > 0 ? mantissa * (EXACT_POWERS[exponent] ?? 1) : mantissa / (EXACT_POWERS[-exponent] ?? 1);
}

/** Longer digit strings are refused: no exporter writes them and parsing must stay linear in useful input. */
const MAX_NUMBER_LENGTH = 1024;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number a text means, or null when it is none or out of a double's range. */
export function parseFloatText(text: string): number | null {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : null;
  }
  switch (text.toLowerCase()) {
    case 'nan':
      return Number.NaN;
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Number.POSITIVE_INFINITY;
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY;
    default:
      return null;
  }
}

/**
 * The OpenMetrics spelling of a bound or quantile, so that `1`, `1.0` and `1e0` are one label value: the shortest digits
 * as Go's `%g` writes them (exponent form below 1e-4 and from 1e+06 on), always with a dot or an exponent.
 */
export function canonicalFloatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return '0.0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= SHORTEST_PRECISION) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

/** Go decides between decimal and exponent form with six digits of precision when asked for the shortest digits. */
const SHORTEST_PRECISION = 6;
