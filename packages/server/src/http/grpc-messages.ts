import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { httpErrors } from './errors.ts';

/** gRPC over HTTP/2, length-prefixed messages: one byte "compressed", four bytes of length, the message. */
const PREFIX_BYTES = 5;

/** The encodings a request may come in; answers are not compressed. */
export const ACCEPTED_ENCODINGS = 'gzip,deflate,identity';

const gunzipAsync = promisify(gunzip);
const inflateAsync = promisify(inflate);

/** The one message of a unary call's request body, decompressed under the limit. */
export async function readMessage(body: Buffer, encoding: string, limit: number): Promise<Uint8Array> {
  if (body.length < PREFIX_BYTES) throw httpErrors.make('invalid', 'gRPC: the request holds no message');
  const length = body.readUInt32BE(1);
  if (length > limit) throw tooLarge(length, limit);
  if (body.length !== PREFIX_BYTES + length)
    throw httpErrors.make(
      'invalid',
      `gRPC: a message of ${length} bytes was announced, ${body.length - PREFIX_BYTES} bytes came`,
    );
  const message = body.subarray(PREFIX_BYTES);
  if (body[0] === 0) return message;
  if (body[0] !== 1 || encoding === 'identity')
    throw httpErrors.make('invalid', 'gRPC: a compressed message without grpc-encoding');
  return await decompress(message, encoding, limit);
}

async function decompress(message: Uint8Array, encoding: string, limit: number): Promise<Uint8Array> {
  try {
    if (encoding === 'gzip') return await gunzipAsync(message, { maxOutputLength: limit });
    if (encoding === 'deflate') return await inflateAsync(message, { maxOutputLength: limit });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(limit + 1, limit);
    throw httpErrors.make('invalid', `gRPC: the message is not valid ${encoding}`, { cause });
  }
  throw httpErrors.make(
    'methodNotAllowed',
    `gRPC: grpc-encoding ${JSON.stringify(encoding.slice(0, 50))}, expected ${ACCEPTED_ENCODINGS}`,
  );
}

export function tooLarge(bytes: number, limit: number) {
  return httpErrors.make('tooLarge', `gRPC: a message of ${bytes} bytes, expected at most ${limit}`);
}

export function writeMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** Milliseconds of a `grpc-timeout`; undefined when there is none, or it is none. */
export function timeoutMs(header: unknown): number | undefined {
  const match = typeof header === 'string' ? TIMEOUT.exec(header) : null;
  return match === null ? undefined : Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0);
}

/** `grpc-message` is percent-encoded: printable ASCII but `%` stays. */
export function encodeGrpcMessage(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text.slice(0, 2000))) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
