import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyslogFrames } from './framing.ts';

const MOST = 64;

function framesOf(chunks: readonly Uint8Array[]): { readonly text: string; readonly cut: boolean }[] {
  const taken: { text: string; cut: boolean }[] = [];
  const frames = new SyslogFrames(MOST);
  const take = (frame: Buffer, cut: boolean): void =>
    void taken.push({ text: frame.toString('latin1'), cut });
  for (const chunk of chunks) {
    frames.push(Buffer.from(chunk), take);
    expect(frames.held).toBeLessThanOrEqual(2 * MOST);
  }
  frames.end(take);
  return taken;
}

const texts = (...chunks: string[]) =>
  framesOf(chunks.map((text) => Buffer.from(text))).map(({ text }) => text);

describe('RFC 6587', () => {
  it('reads counted messages, with line breaks inside', () => {
    expect(texts('8 <13>a\nbc9 <13>d e f')).toEqual(['<13>a\nbc', '<13>d e f']);
  });

  it('reads lines, with any end, and the last one without', () => {
    expect(texts('<13>a\r\n<13>b\0\n\n<13>c')).toEqual(['<13>a', '<13>b', '<13>c']);
  });

  it('takes a line that begins with digits for a line', () => {
    expect(texts('42 is the answer\n12<13>x\n7 <13>a\nb\n')).toEqual([
      '42 is the answer',
      '12<13>x',
      '<13>a\nb',
    ]);
  });

  it('cuts what is too long, and goes on behind it', () => {
    const long = `<13>${'x'.repeat(100)}`;
    const cut = { text: long.slice(0, MOST), cut: true };
    const after = { text: '<13>y', cut: false };
    expect(framesOf([Buffer.from(`${long}\n<13>y\n`)])).toEqual([cut, after]);
    expect(framesOf([Buffer.from(`104 ${long}5 <13>y`)])).toEqual([cut, after]);
    expect(framesOf(Array.from(Buffer.from(`104 ${long}5 <13>y`), (byte) => Buffer.of(byte)))).toEqual([
      cut,
      after,
    ]);
  });

  it('gives the same messages however the stream is cut', () => {
    const messages = fc.array(
      fc.record({ text: fc.string({ minLength: 1, maxLength: 40 }), counted: fc.boolean() }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }), (wanted, cuts) => {
        const clean = wanted.map(({ text, counted }) => ({
          text: `<1>${Buffer.from(text)
            .toString('latin1')
            .replace(/[\n\r\0]/g, ' ')}.`,
          counted,
        }));
        const stream = Buffer.from(
          clean.map(({ text, counted }) => (counted ? `${text.length} ${text}` : `${text}\n`)).join(''),
          'latin1',
        );
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) chunks.push(stream.subarray(at, (at += cut)));
        chunks.push(stream.subarray(at));
        const expected = clean.map(({ text }) => ({ text: text.slice(0, MOST), cut: text.length > MOST }));
        expect(framesOf(chunks)).toEqual(expected);
      }),
    );
  });

  it('survives any bytes, holding no more than one message', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }), (chunks) => {
        framesOf(chunks);
      }),
    );
  });
});
