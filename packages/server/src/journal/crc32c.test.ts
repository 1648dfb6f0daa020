import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

it('gives the published check values', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  // RFC 3720 appendix B.4.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(new Uint8Array())).toBe(0);
});

it('continues over pieces and ranges', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), (bytes, cut) => {
      const whole = crc32c(bytes);
      const middle = Math.min(cut, bytes.length);
      expect(crc32c(bytes.subarray(middle), crc32c(bytes.subarray(0, middle)))).toBe(whole);
      expect(crc32c(bytes, crc32c(bytes, 0, 0, middle), middle)).toBe(whole);
    }),
  );
});
