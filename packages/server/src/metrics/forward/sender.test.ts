import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { forwardSection } from './config.ts';
import { Sender } from './sender.ts';

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Knows whether anybody sleeps: time need not pass for the network, however slow that is. */
class PausingClock extends ManualClock {
  sleepers = 0;

  override async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    this.sleepers++;
    try {
      await super.sleep(delayMs, signal);
    } finally {
      this.sleepers--;
    }
  }
}

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A remote that answers as told, one after the other. */
async function remote(answers: readonly (Answer | 'cut')[]) {
  const seen: IncomingHttpHeaders[] = [];
  server = createServer((request, response) => {
    const answer = answers[seen.length] ?? { status: 500 };
    seen.push(request.headers);
    request.resume();
    if (answer === 'cut') {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { connection: 'close', ...answer.headers });
    response.end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // oxlint-disable-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
  return { url: `http://127.0.0.1:${port}/write`, seen };
}

async function send(answers: readonly (Answer | 'cut')[], settings: object = {}) {
  const { url, seen } = await remote(answers);
  const [config] = forwardSection.schema.parse([{ url, ...settings }]);
  if (config === undefined) throw new Error('no remote');
  const clock = new PausingClock(1_700_000_000_000);
  const retries: { reason: string; at: number }[] = [];
  const sender = new Sender(config, {
    clock,
    random: () => 0.5,
    readText: (path) => Promise.resolve(`${path}-secret\n`),
    onRetry: (reason) => retries.push({ reason, at: clock.now() - 1_700_000_000_000 }),
  });
  const outcome = sender.send(Uint8Array.of(1), new AbortController().signal);
  let settled = false;
  void outcome.then(() => (settled = true));
  while (!settled) {
    if (clock.sleepers > 0) await clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await sender.close();
  return { outcome: await outcome, seen, retries };
}

it('sends credentials and headers as configured, and takes 2xx as taken', async () => {
  const { outcome, seen } = await send([{ status: 204 }], {
    basic_auth: { username: 'me', password_file: 'p' },
    headers: { 'X-Scope-OrgID': 'blue' },
  });
  expect(outcome).toEqual({ kind: 'taken' });
  expect(seen[0]).toMatchObject({
    authorization: `Basic ${Buffer.from('me:p-secret').toString('base64')}`,
    'x-scope-orgid': 'blue',
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
  });
});

it('RW-1: comes again after 5xx, cut connections and (when told to) 429, and not after another 4xx', async () => {
  const queue = { queue_config: { min_backoff: '1s', max_backoff: '2s', retry_on_http_429: true } };
  const { outcome, seen, retries } = await send(
    [
      { status: 503, headers: { 'retry-after': '7' } },
      'cut',
      { status: 429 },
      { status: 500 },
      { status: 200 },
    ],
    queue,
  );
  expect(outcome).toEqual({ kind: 'taken' });
  expect(seen).toHaveLength(5);
  // Retry-After counts where it is longer than the pause.
  expect((retries[1]?.at ?? 0) - (retries[0]?.at ?? 0)).toBe(7000);
  expect(retries.map(({ reason }) => reason)[0]).toBe('503 ');

  await new Promise((resolve) => server.close(resolve));
  const refused = await send([{ status: 429, body: 'slow down' }]);
  expect(refused.outcome).toEqual({ kind: 'refused', reason: '429 slow down', taken: 0 });
  await new Promise((resolve) => server.close(resolve));
  const bad = await send([{ status: 400, body: 'x'.repeat(5000) }]);
  expect(bad.outcome).toEqual({ kind: 'refused', reason: `400 ${'x'.repeat(1000)}`, taken: 0 });
});

it('does not wait for ever because a remote says so', async () => {
  const { retries } = await send([
    { status: 503, headers: { 'retry-after': 'Fri, 31 Dec 2999 23:59:59 GMT' } },
    { status: 503 },
    { status: 200 },
  ]);
  expect((retries[1]?.at ?? 0) - (retries[0]?.at ?? 0)).toBe(10 * 60_000);
});

it('RW-3: says 2.0, takes only an answer with counts for one of a remote that knows it, and counts what a refusal left', async () => {
  const second = { protobuf_message: 'io.prometheus.write.v2.Request' };
  const written = { 'x-prometheus-remote-write-samples-written': '3' };
  const taken = await send([{ status: 204, headers: written }], second);
  expect(taken.outcome).toEqual({ kind: 'taken' });
  expect(taken.seen[0]).toMatchObject({
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'x-prometheus-remote-write-version': '2.0.0',
  });
  await new Promise((resolve) => server.close(resolve));
  const silent = await send([{ status: 200 }], second);
  expect(silent.outcome).toMatchObject({ kind: 'refused', taken: 0, reason: expect.stringContaining('2.0') });
  await new Promise((resolve) => server.close(resolve));
  const partly = await send([{ status: 400, headers: written, body: 'one is old' }], second);
  expect(partly.outcome).toEqual({ kind: 'refused', reason: '400 one is old', taken: 3 });
});
