import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import type { PharosError } from '../kernel/errors.ts';
import { httpErrors } from './errors.ts';

/** gRPC over HTTP/2, length-prefixed messages: one byte "compressed", four bytes of length, the message. */
const PREFIX_BYTES = 5;

/** The encodings a request may come in; answers are not compressed. */
export const ACCEPTED_ENCODINGS = 'gzip,deflate,identity';

/** Accounts for memory before it is filled further; says why there is none. */
export type Hold = (bytes: number) => PharosError | null;

/** The one message of a unary call's request body, decompressed under the limit, as far as `hold` gives memory for it. */
export async function readMessage(
  body: Buffer,
  encoding: string,
  limit: number,
  hold: Hold,
): Promise<Uint8Array> {
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
  const decoder = decoderFor(encoding);
  if (decoder !== null) return await decompress(message, decoder, { encoding, limit, hold });
  throw httpErrors.make(
    'methodNotAllowed',
    `gRPC: grpc-encoding ${JSON.stringify(encoding.slice(0, 50))}, expected ${ACCEPTED_ENCODINGS}`,
  );
}

function decoderFor(encoding: string): Gunzip | Inflate | null {
  if (encoding === 'gzip') return createGunzip();
  return encoding === 'deflate' ? createInflate() : null;
}

function decompress(
  message: Uint8Array,
  decoder: Gunzip | Inflate,
  { encoding, limit, hold }: { readonly encoding: string; readonly limit: number; readonly hold: Hold },
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    decoder.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      const refused = bytes > limit ? tooLarge(limit + 1, limit) : hold(chunk.length);
      if (refused === null) return void chunks.push(chunk);
      reject(refused);
      decoder.destroy();
    });
    decoder.once('end', () => resolve(Buffer.concat(chunks, bytes)));
    decoder.once('error', (cause) =>
      reject(httpErrors.make('invalid', `gRPC: the message is not valid ${encoding}`, { cause })),
    );
    decoder.end(message);
  });
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
