/*
 * A process of its own that sends prepared bodies over a few connections, so that its cost is nobody else's. A body that is refused for now
 * is sent again when the answer says. Arguments: URL, content type, connections, files. Its parent hears how it went.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { Agent, request } from 'node:http';
import process from 'node:process';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { ANSWER_WITHIN_MS } from '../wait.ts';

const [url = '', contentType = '', connections = '4', ...files] = process.argv.slice(2);

function* bodiesOf(paths: readonly string[]): Generator<Buffer> {
  const head = Buffer.alloc(4);
  for (const path of paths) {
    const handle = openSync(path, 'r');
    while (readSync(handle, head, 0, 4, null) === 4) {
      const body = Buffer.alloc(head.readUInt32LE());
      readSync(handle, body, 0, body.length, null);
      yield body;
    }
    closeSync(handle);
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });

function post(body: Buffer): Promise<{ status: number; retryAfter: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': contentType, 'content-length': body.length };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: Number(response.headers['retry-after'] ?? 1),
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.setTimeout(ANSWER_WITHIN_MS, () => sent.destroy(new Error(`${url} does not answer`)));
    sent.end(body);
  });
}

const bodies = bodiesOf(files);
let refused = 0;
const answerMs: number[] = [];

async function sendAll(): Promise<void> {
  for (const body of bodies)
    for (;;) {
      const before = performance.now();
      const { status, retryAfter, text } = await post(body);
      answerMs.push(performance.now() - before);
      if (status < 300) break;
      if (status !== 429 && status !== 503) throw new Error(`${url} answered ${status}: ${text}`);
      refused++;
      await systemClock.sleep(retryAfter * 1000);
    }
}

// The clock's timers keep no process alive, and all connections may wait at once.
process.on('message', () => undefined);
const from = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, sendAll));
const seconds = (performance.now() - from) / 1000;
agent.destroy();
answerMs.sort((a, b) => a - b);
const quantile = (q: number): number => answerMs[Math.floor(answerMs.length * q)] ?? 0;
process.send?.({ seconds, refused, medianMs: quantile(0.5), p99Ms: quantile(0.99) }, () =>
  process.disconnect(),
);
