import { BitReader, BitWriter, chunkErrors } from './bits.ts';
import { XorSequence } from './xor-value.ts';

/** Samples of one chunk, as TSDB cuts them. */
export const CHUNK_SAMPLES = 120;

/** Widths of a difference of differences of times, behind one to three ones and a zero; four ones: 64 bits. */
const TIME_WIDTHS = [14, 17, 20] as const;

/** Float samples as columns; the value's bits count. */
export interface FloatColumns {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/** Encodes samples [from, to) (at most 65,535, times rising) as a chunk of TSDB's encoding XOR. */
export function encodeXorChunk({ timestamps, values }: FloatColumns, from: number, to: number): Uint8Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const writer = new BitWriter();
  const sequence = new XorSequence();
  writer.bits(to - from, 16);
  let time = 0;
  let delta = 0;
  for (let i = from; i < to; i++) {
    const timestamp = timestamps[i];
    if (i === from) {
      writeVarint(writer, timestamp < 0 ? -2 * timestamp - 1 : 2 * timestamp);
      sequence.first(writer, words[i * 2 + 1], words[i * 2]);
    } else {
      const next = timestamp - time;
      if (i === from + 1) writeVarint(writer, next);
      else writeTime(writer, next - delta);
      delta = next;
      sequence.write(writer, words[i * 2 + 1], words[i * 2]);
    }
    time = timestamp;
  }
  return writer.take();
}

/** Decodes a chunk of encoding XOR. Fails with `chunk.malformed`. */
export function decodeXorChunk(bytes: Uint8Array): FloatColumns {
  if (bytes.length < 2) throw chunkErrors.make('malformed', 'the chunk has no header');
  const count = (bytes[0] << 8) | bytes[1];
  // Two bits are the least a sample takes.
  if (count * 2 > bytes.length * 8)
    throw chunkErrors.make('malformed', `the chunk is too short for ${count} samples`);
  const reader = new BitReader(bytes, 2);
  const timestamps = new Float64Array(count);
  const values = new Float64Array(count);
  const words = new Uint32Array(values.buffer);
  const sequence = new XorSequence();
  let delta = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      const zigzag = readVarint(reader);
      timestamps[0] = zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
      sequence.readFirst(reader, words, 0);
      continue;
    }
    delta = i === 1 ? readVarint(reader) : delta + readTime(reader);
    timestamps[i] = timestamps[i - 1] + delta;
    sequence.read(reader, words, i * 2);
  }
  return { timestamps, values };
}

function writeVarint(writer: BitWriter, value: number): void {
  let rest = value;
  while (rest > 0x7f) {
    writer.bits((rest % 128) | 0x80, 8);
    rest = Math.floor(rest / 128);
  }
  writer.bits(rest, 8);
}

function readVarint(reader: BitReader): number {
  let value = 0;
  for (let scale = 1; scale < 2 ** 64; scale *= 128) {
    const byte = reader.bits(8);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  throw chunkErrors.make('malformed', 'a number of the chunk has too many bits');
}

function writeTime(writer: BitWriter, dod: number): void {
  if (dod === 0) {
    writer.bits(0, 1);
    return;
  }
  const at = TIME_WIDTHS.findIndex((width) => dod >= 1 - 2 ** (width - 1) && dod <= 2 ** (width - 1));
  if (at < 0) {
    writer.bits(0b1111, 4);
    writer.whole(dod, 64);
  } else {
    writer.bits(2 ** (at + 2) - 2, at + 2);
    writer.whole(dod, TIME_WIDTHS[at] ?? 64);
  }
}

function readTime(reader: BitReader): number {
  let ones = 0;
  while (ones < 4 && reader.bit() === 1) ones++;
  if (ones === 0) return 0;
  return reader.signed(TIME_WIDTHS[ones - 1] ?? 64);
}
