import { randomBytes } from 'node:crypto';

/**
 * Makes ids that no other process makes: UUIDs of version 8 (RFC 9562, section 5.8) of 74 random bits, drawn once, and a count. They cost a
 * fraction of random ones, and those that were made together are alike on disk. Whoever has one can guess the next: never for secrets.
 */
export function countedIds(random: (bytes: number) => Uint8Array = randomBytes): () => string {
  const bits = Buffer.from(random(10));
  bits[6] = (bits[6] & 0x0f) | 0x80;
  bits[8] = (bits[8] & 0x3f) | 0x80;
  const hex = bits.toString('hex');
  const own = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)].join('-');
  let made = 0;
  return () => `${own}-${(made++).toString(16).padStart(12, '0')}`;
}
