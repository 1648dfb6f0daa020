/*
 * Samples as bytes, each told by what changed since the one before:
 *
 *   value   0zzzzzzz            a whole distance, as a zigzag number of 7,
 *           10zzzzzz +1         14,
 *           110zzzzz +2         21
 *           1110zzzz +3         or 28 bits
 *           11110nnn +n+1       the number's own first n + 1 bytes, of which the others are zero
 *   time    (only where the times are not regular) how far the distance to the time before differs from the usual one, in
 *           groups of 7 bits, the last one first of all without its top bit
 */

/** Longest code of one sample: a time of up to 34 bits, a number in full. */
export const MOST_SAMPLE_BYTES = 5 + 9;

const LARGEST_DISTANCE = 2 ** 27 - 1;
const RAW = 0xf0;

const number = new Float64Array(1);
/** Little-endian, as every machine that Node.js runs on. */
const bits = new Uint8Array(number.buffer);
const words = new Uint32Array(number.buffer);

/** Writes the code of `value`, which follows `last`; answers where it ends. */
export function writeValue(target: Uint8Array, at: number, value: number, last: number): number {
  const distance = value - last;
  const whole = distance | 0;
  // A distance that rounding made, negative zero and NaN would not come back as they were.
  const exact =
    whole === distance &&
    whole <= LARGEST_DISTANCE &&
    whole >= -LARGEST_DISTANCE &&
    last + whole === value &&
    (value !== 0 || 1 / value > 0);
  return exact ? writeDistance(target, at, whole) : writeNumber(target, at, value);
}

function writeDistance(target: Uint8Array, at: number, distance: number): number {
  const zigzag = (distance << 1) ^ (distance >> 31);
  if (zigzag < 0x80) {
    target[at] = zigzag;
    return at + 1;
  }
  if (zigzag < 0x4000) {
    target[at] = 0x80 | (zigzag >> 8);
    target[at + 1] = zigzag & 0xff;
    return at + 2;
  }
  if (zigzag < 0x200000) {
    target[at] = 0xc0 | (zigzag >> 16);
    target[at + 1] = (zigzag >> 8) & 0xff;
    target[at + 2] = zigzag & 0xff;
    return at + 3;
  }
  target[at] = 0xe0 | (zigzag >> 24);
  target[at + 1] = (zigzag >> 16) & 0xff;
  target[at + 2] = (zigzag >> 8) & 0xff;
  target[at + 3] = zigzag & 0xff;
  return at + 4;
}

function writeNumber(target: Uint8Array, at: number, value: number): number {
  number[0] = value;
  let zeros = 0;
  while (zeros < 7 && bits[zeros] === 0) zeros++;
  target[at] = RAW | (7 - zeros);
  let end = at + 1;
  for (let i = 7; i >= zeros; i--) target[end++] = bits[i];
  return end;
}

/** Writes the code of a distance in ms that differs from the usual one by this much; answers where it ends. */
export function writeTime(target: Uint8Array, at: number, difference: number): number {
  let left = difference >= 0 ? difference * 2 : -difference * 2 - 1;
  let end = at;
  while (left >= 0x80) {
    target[end++] = 0x80 | (left % 0x80);
    left = Math.floor(left / 0x80);
  }
  target[end] = left;
  return end + 1;
}

/** A stream of samples to be read in order. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly base: number;
  /** The usual distance in ms. */
  readonly step: number;
  readonly regular: boolean;
}

/** Reads the samples into the columns from index `next` on. */
export function readSamples(
  { bytes, count, base, step, regular }: Encoded,
  timestamps: Float64Array,
  values: Float64Array,
  next: number,
): void {
  let at = 0;
  let time = base;
  let value = 0;
  for (let i = 0; i < count; i++) {
    if (i > 0) time += step;
    if (!regular && i > 0) {
      let difference = 0;
      let weight = 1;
      let byte = bytes[at++];
      for (; byte >= 0x80; byte = bytes[at++]) {
        difference += (byte & 0x7f) * weight;
        weight *= 0x80;
      }
      difference += byte * weight;
      time += difference % 2 === 0 ? difference / 2 : -(difference + 1) / 2;
    }
    const first = bytes[at++];
    if (first < RAW) {
      let zigzag = first;
      if (first >= 0xe0)
        zigzag = ((first & 0x0f) << 24) | (bytes[at++] << 16) | (bytes[at++] << 8) | bytes[at++];
      else if (first >= 0xc0) zigzag = ((first & 0x1f) << 16) | (bytes[at++] << 8) | bytes[at++];
      else if (first >= 0x80) zigzag = ((first & 0x3f) << 8) | bytes[at++];
      value += (zigzag >>> 1) ^ -(zigzag & 1);
    } else {
      const zeros = 7 - (first & 7);
      if (zeros === 0) {
        words[1] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
        words[0] = (bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7];
        at += 8;
      } else {
        words[0] = 0;
        words[1] = 0;
        for (let b = 7; b >= zeros; b--) bits[b] = bytes[at++];
      }
      value = number[0];
    }
    timestamps[next + i] = time;
    values[next + i] = value;
  }
}
