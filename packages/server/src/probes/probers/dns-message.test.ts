import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAnswer, encodeQuery } from './dns-message.ts';

describe('DNS messages', () => {
  it('are read or refused in words, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        if (bytes.length > 2) bytes[2] = (bytes[2] ?? 0) | 0x80;
        try {
          decodeAnswer(bytes);
        } catch (error) {
          expect(error instanceof Error && /answer|record|name/.test(error.message)).toBe(true);
        }
      }),
    );
  });

  it('end though a name points at itself', () => {
    const bytes = Buffer.from('00018180000100000000' + '0000' + 'c00c' + '00010001', 'hex');
    expect(() => decodeAnswer(bytes)).toThrow('a name in the answer points in circles');
  });

  it('ask for names that are names', () => {
    const query = { id: 1, type: 'A', recursion: true } as const;
    expect(Buffer.from(encodeQuery({ ...query, name: 'a.example.' })).toString('latin1')).toContain(
      '\u0001a\u0007example\u0000',
    );
    for (const name of ['a..b', `${'x'.repeat(64)}.example`, 'x.'.repeat(200)])
      expect(() => encodeQuery({ ...query, name })).toThrow('is not a name');
  });
});
