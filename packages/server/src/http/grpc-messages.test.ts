import { deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { httpErrors } from './errors.ts';
import { readMessage, writeMessage } from './grpc-messages.ts';

/** A compressed message as it comes. */
function framed(message: Uint8Array): Buffer {
  const frame = writeMessage(message);
  frame[0] = 1;
  return frame;
}

it.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
] as const)('unpacks %s as far as there is memory for it', async (encoding, pack) => {
  const body = framed(pack(Buffer.alloc(1_000_000)));
  let held = 0;
  const hold = (most: number) => (bytes: number) => {
    held += bytes;
    return held > most ? httpErrors.make('busy', 'no room', { retryAfterSeconds: 1 }) : null;
  };
  await expect(readMessage(body, encoding, 2_000_000, hold(100_000))).rejects.toThrow('no room');
  expect(held).toBeLessThan(200_000);
  held = 0;
  expect((await readMessage(body, encoding, 2_000_000, hold(2_000_000))).length).toBe(1_000_000);
  expect(held).toBe(1_000_000);
  await expect(readMessage(body, encoding, 500_000, () => null)).rejects.toThrow('expected at most 500000');
  await expect(readMessage(body.subarray(0, 5), encoding, 2000, () => null)).rejects.toThrow('was announced');
  const cut = framed(pack(Buffer.from('hello')).subarray(0, -2));
  await expect(readMessage(cut, encoding, 1000, () => null)).rejects.toThrow(`not valid ${encoding}`);
});
