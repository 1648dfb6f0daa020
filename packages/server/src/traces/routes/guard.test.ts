import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { renderPharosError } from '../../http/render.ts';
import { openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { type Asking, SpanMemory } from '../store/answer-memory.ts';
import { tracesTelemetry } from '../telemetry.ts';
import { TraceGuard } from './guard.ts';

interface Asked extends Asking {
  answer(text: string): void;
}

const clock = new ManualClock(0);
const telemetry = createTelemetry();
const measured = tracesTelemetry(telemetry, () => ({
  sources: 0,
  sourceBytes: 0,
  pendingSpans: 0,
  pendingBytes: 0,
  answerBytes: 0,
}));
let app: HttpApp;
let memory: SpanMemory;
/** In the order in which they began. */
let asked: Asked[];
let parts: Readable[];

beforeEach(async () => {
  memory = new SpanMemory(100);
  asked = [];
  parts = [];
  const config = { timeout: 1000, max_concurrency: 2, memory: 100 };
  const guard = new TraceGuard({ clock, config, memory, telemetry: measured, stuckMs: 10 });
  app = await openTestApp([
    {
      name: 'guarded',
      renderError: renderPharosError,
      register: (routes) => {
        routes.get('/whole', (_request, reply) =>
          guard.run(
            'whole',
            reply,
            (asking) => new Promise<string>((answer) => void asked.push({ ...asking, answer })),
          ),
        );
        routes.get('/parts', (_request, reply) =>
          guard.run('parts', reply, async ({ memory: spans }) => {
            spans?.take(60);
            const stream = new Readable({ read: () => {} });
            parts.push(stream);
            return reply.send(stream);
          }),
        );
        routes.get('/endless', (_request, reply) =>
          guard.run('endless', reply, async ({ memory: spans }) => {
            spans?.take(60);
            return reply.send(
              new Readable({
                read() {
                  this.push(Buffer.alloc(65_536));
                },
              }),
            );
          }),
        );
        routes.get('/more', (_request, reply) =>
          guard.run('more', reply, async ({ memory: spans }) => `${spans?.take(101)} ${spans?.take(50)}`),
        );
      },
    },
  ]);
});
afterEach(() => app.close());

const get = (url: string) => app.inject({ url, headers: { host: 'localhost' } });

it('lets so many run, so many wait, and refuses the rest', async () => {
  const all = Array.from({ length: 10 }, () => get('/whole'));
  await expect.poll(() => asked.length).toBe(2);
  const refused = await get('/whole');
  expect(refused.statusCode).toBe(429);
  expect(refused.headers['retry-after']).toBe('1');
  expect(await telemetry.expose()).toContain('pharos_traces_queries_refused_total 1\n');
  for (let next = 0; next < 10; next++) {
    await expect.poll(() => asked.length).toBeGreaterThan(next);
    expect(asked.length).toBeLessThanOrEqual(next + 2);
    asked[next]?.answer(`answer ${next}`);
  }
  const bodies = (await Promise.all(all)).map(({ statusCode, body }) => `${statusCode} ${body}`);
  expect(bodies.sort()).toEqual(Array.from({ length: 10 }, (_, i) => `200 answer ${i}`));
});

it('gives an answer so much time', async () => {
  const late = get('/whole');
  await expect.poll(() => asked.length).toBe(1);
  await clock.advance(999);
  expect(asked[0]?.signal?.aborted).toBe(false);
  await clock.advance(1);
  expect(asked[0]?.signal?.aborted).toBe(true);
  asked[0]?.answer('too late');
  expect((await late).statusCode).toBe(200);
});

it('ends what waits when its time is up', async () => {
  const running = [get('/whole'), get('/whole')];
  await expect.poll(() => asked.length).toBe(2);
  let ended = '';
  void get('/whole').then(({ statusCode, body }) => (ended = `${statusCode} ${body}`));
  await expect
    .poll(async () => {
      await clock.advance(1000);
      return ended;
    })
    .toMatch(/^504 .*longer than 1000 ms/);
  for (const { answer } of asked) answer('');
  await Promise.all(running);
});

it('tells the question when its client leaves', async () => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = new AbortController();
  const answer = fetch(`http://127.0.0.1:${port}/whole`, { signal: client.signal });
  await expect.poll(() => asked.length).toBe(1);
  client.abort();
  await expect(answer).rejects.toThrow();
  await expect.poll(() => asked[0]?.signal?.aborted).toBe(true);
});

it('ends the answer of a client that takes nothing of it', async () => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = connect(port, '127.0.0.1');
  client.on('error', () => {});
  client.pause();
  client.write('GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await expect.poll(() => memory.held).toBe(60);
  await expect.poll(() => memory.held, { timeout: 20_000 }).toBe(0);
  client.destroy();
});

it('holds no memory for what still reads when its answer is over', () => {
  const one = memory.open();
  expect(one.take(60)).toBe(true);
  one.close();
  expect(() => one.take(10)).toThrow('is over');
  one.release(5);
  expect(memory.held).toBe(0);
});

it('holds the memory of an answer and its place until it is sent', async () => {
  const sent = [get('/parts'), get('/parts')];
  await expect.poll(() => parts.length).toBe(1);
  // The spans of the other one have no room.
  expect((await sent[1])?.statusCode).toBe(429);
  expect(memory.held).toBe(60);
  expect((await get('/more')).statusCode).toBe(429);
  parts[0]?.push('part');
  expect(memory.held).toBe(60);
  parts[0]?.push(null);
  expect((await sent[0])?.body).toBe('part');
  await expect.poll(() => memory.held).toBe(0);
  // More than all may hold is not refused, but cut.
  expect((await get('/more')).body).toBe('false true');
  expect(memory.held).toBe(0);
});
