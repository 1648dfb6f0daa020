import { expect, it } from 'vitest';
import { ChunkWriter, chunkOf, frameOf, without } from './chunk.ts';
import { errorLinesOf } from './error-lines.ts';

const LINES = [
  ['error', 'boom\n    at pay (cart.ts:1)'],
  ['info', 'handled\n    at pay (cart.ts:2)'],
  ['fatal', 'Traceback (most recent call last):'],
  ['error', 'no stack'],
  ['critical', 'exception.type=Gone'],
] as const;

it('errors with a stack or a class are found by level and text, also in what was read back or left', () => {
  const writer = new ChunkWriter('acme', 0);
  for (const [i, [level, message]] of LINES.entries())
    writer.add(
      {
        time: { ms: 1000 + i, nanos: 0 },
        stream: { low: 1, high: 0 },
        id: { low: i, high: 0 },
        service: 'cart',
        level,
        ids: { trace: '', span: '', request: '' },
        metadata: [],
      },
      Buffer.from(message),
    );
  const chunk = writer.take();
  const found = (of: typeof chunk) =>
    errorLinesOf(of).map(({ tenant, time, level }) => [tenant, time, level].join(' '));
  const all = ['acme 1000 error', 'acme 1002 fatal', 'acme 1004 critical'];
  expect(found(chunk)).toEqual(all);
  expect(found(chunkOf(frameOf(chunk)))).toEqual(all);
  expect(found(without(chunk, new Set([0, 3])))).toEqual(all.slice(1));
});
