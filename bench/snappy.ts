/** Longest stretch one copy element can name, and how far back it may reach. */
const LONGEST_COPY = 64;
const FARTHEST = 65_535;
const TABLE_BITS = 14;

/** Snappy's block format by greedy matching on four bytes: what senders send, so that receivers have real work to do. */
export function snappy(input: Uint8Array): Uint8Array {
  const output = new Uint8Array(32 + input.length + Math.ceil(input.length / 6));
  const table = new Int32Array(1 << TABLE_BITS).fill(-1);
  const word = (at: number): number =>
    input[at] | (input[at + 1] << 8) | (input[at + 2] << 16) | (input[at + 3] << 24);
  let to = 0;
  for (let left = input.length; ; left >>>= 7) {
    output[to++] = left > 127 ? (left & 127) | 128 : left;
    if (left <= 127) break;
  }
  let pending = 0;
  let at = 0;
  while (at + 4 <= input.length) {
    const here = word(at);
    const slot = Math.imul(here, 0x1e35a7bd) >>> (32 - TABLE_BITS);
    const candidate = table[slot];
    table[slot] = at;
    if (candidate < 0 || at - candidate > FARTHEST || word(candidate) !== here) {
      at++;
      continue;
    }
    to = literal(input, pending, at, output, to);
    let length = 4;
    while (
      length < LONGEST_COPY &&
      at + length < input.length &&
      input[candidate + length] === input[at + length]
    )
      length++;
    output[to++] = ((length - 1) << 2) | 2;
    output[to++] = (at - candidate) & 255;
    output[to++] = (at - candidate) >> 8;
    at += length;
    pending = at;
  }
  to = literal(input, pending, input.length, output, to);
  return output.slice(0, to);
}

function literal(input: Uint8Array, from: number, end: number, output: Uint8Array, at: number): number {
  let to = at;
  const last = end - from - 1;
  if (last < 0) return to;
  if (last < 60) output[to++] = last << 2;
  else {
    const bytes = last < 256 ? 1 : last < 65_536 ? 2 : 3;
    output[to++] = (59 + bytes) << 2;
    for (let i = 0; i < bytes; i++) output[to++] = (last >> (8 * i)) & 255;
  }
  output.set(input.subarray(from, end), to);
  return to + end - from;
}
