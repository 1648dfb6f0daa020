import { expect, it } from 'vitest';
import { pushUnlessDead } from './kit.ts';
import type { RawRequest } from './transport.ts';

it('pushes to Pharos while the service lives, and not a word while it is dead', async () => {
  const sent: { readonly url: string; readonly what: RawRequest }[] = [];
  const life = { dead: false };
  const push = pushUnlessDead(
    {
      send: async (url, what) => {
        sent.push({ url, what });
        return { status: 503, headers: { 'retry-after': '7' }, body: Buffer.from('{}') };
      },
      close: async () => undefined,
    },
    life,
  );
  const delivery = {
    url: 'http://127.0.0.1:8000/metrics/job/auth',
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from('up 1'),
    signal: new AbortController().signal,
  };
  expect(await push(delivery)).toEqual({ status: 503, retryAfterSeconds: 7 });
  // Commands to breakers come in the answer.
  expect(await push({ ...delivery, answerBytes: 100 })).toMatchObject({ body: '{}' });
  sent.pop();
  life.dead = true;
  await expect(push(delivery)).rejects.toThrow('dead');
  expect(sent).toEqual([
    {
      url: delivery.url,
      what: { method: 'POST', path: '', headers: delivery.headers, body: Buffer.from('up 1') },
    },
  ]);
});
