import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32, crc32c } from './checksum.ts';

it('gives the published check values', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  // RFC 3720 appendix B.4.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(new Uint8Array())).toBe(0);
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

it.each([
  ['CRC-32', crc32],
  ['CRC-32C', crc32c],
])('%s continues over pieces and ranges', (_, checksum) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), (bytes, cut) => {
      const whole = checksum(bytes);
      const middle = Math.min(cut, bytes.length);
      expect(checksum(bytes.subarray(middle), checksum(bytes.subarray(0, middle)))).toBe(whole);
      expect(checksum(bytes, checksum(bytes, 0, 0, middle), middle)).toBe(whole);
    }),
  );
});
