import fastify from 'fastify';
import { expect, it } from 'vitest';
import { sendData, stringPieces } from './prometheus-json.ts';

const PIECE = 256 * 1024;

/** `data` as a list of numbered texts, a piece each; every other one as bytes. */
function* numbered(count: number): Generator<string | Buffer> {
  yield '[';
  for (let i = 0; i < count; i++) {
    const text = `${i === 0 ? '' : ','}"${String(i).padEnd(PIECE, '.')}"`;
    yield i % 2 === 0 ? text : Buffer.from(text);
  }
  yield ']';
}

it.each([0, 1, 3, 4, 5, 6, 12])('sends each of %s pieces once, at once or as a stream', async (count) => {
  const app = fastify();
  app.get('/', (_request, reply) => sendData(reply, numbered(count), { warnings: ['a warning'] }));
  const { data, warnings } = (await app.inject('/')).json<{ data: string[]; warnings: string[] }>();
  expect(data.map((text) => Number.parseInt(text, 10))).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(warnings).toEqual(['a warning']);
  await app.close();
});

it.each([0, 1, 2, 4095, 4096, 4097, 8192, 10_000])('writes %s texts as one list', (count) => {
  const texts = Array.from({ length: count }, (_, i) => `"${i}" \\ [,] ü \ud800`);
  expect(JSON.parse([...stringPieces(texts)].join(''))).toEqual(texts);
});
