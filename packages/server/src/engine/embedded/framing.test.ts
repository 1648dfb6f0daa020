import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PharosError } from '../../kernel/errors.ts';
import { encodeFrame, FrameReader } from './framing.ts';

const frames = fc.array(
  fc.record({ header: fc.dictionary(fc.string(), fc.jsonValue()), body: fc.uint8Array({ maxLength: 300 }) }),
  { maxLength: 6 },
);

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sent, cuts) => {
      const stream = Buffer.concat(sent.flatMap(({ header, body }) => [...encodeFrame(header, body)]));
      const reader = new FrameReader();
      const received: unknown[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = cuts[i % cuts.length] ?? 1;
        for (const frame of reader.push(stream.subarray(at, at + size)))
          received.push({ header: frame.header, body: new Uint8Array(frame.body) });
        at += size;
      }
      expect(received).toEqual(
        sent.map(({ header, body }) => ({ header: JSON.parse(JSON.stringify(header)), body })),
      );
    }),
  );
});

test('noise is a clear error or silence', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), (chunks) => {
      const reader = new FrameReader();
      try {
        for (const chunk of chunks) reader.push(chunk);
      } catch (error) {
        if (!(error instanceof PharosError)) throw error;
      }
    }),
    { numRuns: 1_000 },
  );
  expect(() => new FrameReader().push(Buffer.from('ffffffffffffffff', 'hex'))).toThrow(PharosError);
  expect(() => encodeFrame({ text: 'x'.repeat(70_000) })).toThrow(PharosError);
});
