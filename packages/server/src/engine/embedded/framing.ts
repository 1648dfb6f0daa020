import { engineErrors } from '../errors.ts';

/*
 * What crosses between server and engine process, over one socket pair:
 *
 *   frame := headerLength:u32le bodyLength:u32le header:JSON body:bytes
 *
 * The body is a statement's text one way and an answer's Native bytes the other, never encoded again.
 */

const PREFIX = 8;
const MAX_HEADER = 64 * 1024;
/** Above the largest answer that any limit class allows. */
const MAX_BODY = 1024 * 1024 * 1024;

export interface ChannelFrame {
  readonly header: unknown;
  readonly body: Uint8Array;
}

const EMPTY = new Uint8Array(0);

/** The parts of a frame to write; the body is not copied, and no part is empty: a write of nothing is a call of the system too. */
export function encodeFrame(header: object, body: Uint8Array = EMPTY): readonly Uint8Array[] {
  const text = Buffer.from(JSON.stringify(header));
  if (text.length > MAX_HEADER || body.length > MAX_BODY)
    throw engineErrors.make('undecodable', `a message of ${text.length} + ${body.length} bytes`);
  const head = Buffer.allocUnsafe(PREFIX + text.length);
  head.writeUInt32LE(text.length, 0);
  head.writeUInt32LE(body.length, 4);
  text.copy(head, PREFIX);
  return body.length === 0 ? [head] : [head, body];
}

/** Cuts frames from the chunks of a stream; a large body is joined once. Throws `undecodable` on what is no frame. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #needed = PREFIX;

  push(chunk: Uint8Array): ChannelFrame[] {
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: ChannelFrame[] = [];
    while (this.#size >= this.#needed) {
      const bytes = this.#joined();
      const headerLength = bytes.readUInt32LE(0);
      const bodyLength = bytes.readUInt32LE(4);
      if (headerLength > MAX_HEADER || bodyLength > MAX_BODY)
        throw engineErrors.make('undecodable', `a message of ${headerLength} + ${bodyLength} bytes`);
      const total = PREFIX + headerLength + bodyLength;
      if (bytes.length < total) {
        this.#needed = total;
        break;
      }
      frames.push({
        header: parseHeader(bytes.toString('utf8', PREFIX, PREFIX + headerLength)),
        body: bytes.subarray(PREFIX + headerLength, total),
      });
      this.#chunks = [bytes.subarray(total)];
      this.#size = bytes.length - total;
      this.#needed = PREFIX;
    }
    return frames;
  }

  #joined(): Buffer {
    const [only] = this.#chunks;
    const bytes =
      this.#chunks.length === 1 && only !== undefined
        ? Buffer.from(only.buffer, only.byteOffset, only.byteLength)
        : Buffer.concat(this.#chunks, this.#size);
    this.#chunks = [bytes];
    return bytes;
  }
}

function parseHeader(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw engineErrors.make('undecodable', 'a message whose header is not JSON', { cause });
  }
}
