const ZERO = 0x30;
const POINT = 0x2e;
const SPLIT = 2 ** 26;
const EIGHT = 1e8;
const MOST = 2 ** 31 - 1;
const EXPONENT_BIAS = 1023;

const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** By binary exponent: half of the distance to the next float. */
const HALVES = Float64Array.from({ length: 32 }, (_, exponent) => 2 ** (exponent - 53));

const number = new Float64Array(1);
/** Little-endian, as every machine that Node.js runs on. */
const words = new Uint32Array(number.buffer);

/** Of the value last taken apart: its first eight decimals, the next eight, and what is left in units of the last. */
const decimals = new Float64Array(3);
/** Of the rounding last tried: the decimals that are kept of either eight, and what is beyond in units of the last one kept. */
const kept = new Float64Array(3);

/**
 * Writes the shortest decimal digits that read back as the float, of those the nearest, as `String` does: without a text made of
 * them, in half its time. Answers where they end; -1, and nothing written, for what is not from 1 to 2^31 or too near a tie to be
 * told.
 *
 * A decimal reads back as the float when it is less than half of the distance to the next one away. What has up to 15 digits is
 * the only such one of as many, and 17 are always enough.
 */
export function writeDigits(bytes: Uint8Array, start: number, value: number): number {
  if (!(value >= 1 && value < MOST)) return -1;
  number[0] = value;
  const top = words[1];
  // Below a power of two floats lie closer.
  if ((top & 0xfffff) === 0 && words[0] === 0) return -1;
  const whole = Math.floor(value);
  takeApart(value - whole);
  const length = digitsOf(whole);
  const half = HALVES[(top >>> 20) - EXPONENT_BIAS];
  for (let count = 15 - length; count <= 17 - length; count++) {
    keep(count);
    const beyond = kept[2];
    const allowed = half * POWERS[count];
    const distance = beyond > 0.5 ? 1 - beyond : beyond;
    if (Math.abs(distance - allowed) < 1e-7 * allowed || Math.abs(beyond - 0.5) < 1e-9) return -1;
    if (distance < allowed) return writeKept(bytes, start, whole + (beyond > 0.5 ? carry(count) : 0), count);
  }
  return -1;
}

/**
 * Exact: a fraction of a float from 1 on has at most 52 bits, of which 44 are left below its eighth decimal; each product of 26 of
 * them with 10^8 fits in 53.
 */
function takeApart(fraction: number): void {
  let rest = fraction;
  for (let i = 0; i < 2; i++) {
    const high = Math.floor(rest * SPLIT) / SPLIT;
    const product = high * EIGHT;
    const found = Math.floor(product);
    rest = product - found + (rest - high) * EIGHT;
    const more = Math.floor(rest);
    decimals[i] = found + more;
    rest -= more;
  }
  decimals[2] = rest;
}

/** Keeps so many of the sixteen decimals. */
function keep(count: number): void {
  const first = decimals[0];
  const second = decimals[1];
  const rest = decimals[2];
  const dropped = 16 - count;
  if (dropped <= 8) {
    const unit = POWERS[dropped];
    const other = Math.floor(second / unit);
    kept[0] = first;
    kept[1] = other;
    kept[2] = (second - other * unit + rest) / unit;
  } else {
    const unit = POWERS[dropped - 8];
    const one = Math.floor(first / unit);
    kept[0] = one;
    kept[1] = 0;
    kept[2] = (first - one * unit + (second + rest) / EIGHT) / unit;
  }
}

/** Adds one to the last decimal that is kept; answers what comes over to the whole part. */
function carry(count: number): number {
  const first = Math.min(8, count);
  if (count > 8) {
    kept[1]++;
    if (kept[1] < POWERS[count - 8]) return 0;
    kept[1] = 0;
  }
  kept[0]++;
  if (kept[0] < POWERS[first]) return 0;
  kept[0] = 0;
  return 1;
}

/** The whole part and the decimals that are kept, without zeros at their end. */
function writeKept(bytes: Uint8Array, start: number, whole: number, count: number): number {
  let at = writeWhole(bytes, start, whole, digitsOf(whole));
  if (kept[0] === 0 && kept[1] === 0) return at;
  bytes[at++] = POINT;
  at = writeWhole(bytes, at, kept[0], Math.min(8, count));
  if (count > 8) at = writeWhole(bytes, at, kept[1], count - 8);
  while (bytes[at - 1] === ZERO) at--;
  return at;
}

function digitsOf(whole: number): number {
  let count = 1;
  for (let power = 10; power <= whole; power *= 10) count++;
  return count;
}

/** So many digits of a whole number below 2^31, from the last one on; answers where they end. */
function writeWhole(bytes: Uint8Array, start: number, whole: number, count: number): number {
  let rest = whole | 0;
  for (let at = start + count - 1; at >= start; at--) {
    const next = (rest / 10) | 0;
    bytes[at] = ZERO + rest - next * 10;
    rest = next;
  }
  return start + count;
}
