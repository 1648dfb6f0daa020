import { appendFileSync, renameSync } from 'node:fs';
import { expect } from 'vitest';

/** Of one batch. */
const LINES = 10;

interface Push {
  readonly path: string;
  readonly body: string;
}

/** How a batch of messages is sent, by door. */
const HTTP_DOORS: readonly ((service: string, messages: readonly string[], ms: number) => Push)[] = [
  (service, messages, ms) => ({
    path: '/api/logs',
    body: messages.map((message) => JSON.stringify({ timestamp: ms, service, message })).join('\n'),
  }),
  (service, messages, ms) => ({
    path: '/loki/api/v1/push',
    body: JSON.stringify({
      streams: [{ stream: { service_name: service }, values: messages.map((m) => [`${ms}000000`, m]) }],
    }),
  }),
  (service, messages, ms) => ({
    path: '/v1/logs',
    body: JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
          scopeLogs: [
            {
              logRecords: messages.map((m) => ({ timeUnixNano: `${ms}000000`, body: { stringValue: m } })),
            },
          ],
        },
      ],
    }),
  }),
];

/** Pushes lines of a service, each batch through the next of the HTTP doors. Every message is its own. */
export class LogPusher {
  /** Messages that were acknowledged. */
  readonly acknowledged = new Set<string>();
  readonly #service: string;
  #last: { readonly push: Push; readonly messages: readonly string[] } | null = null;
  #batches = 0;
  #lines = 0;

  constructor(service: string) {
    this.#service = service;
  }

  /** True when the batch was acknowledged; rejects when nobody answers. */
  async push(url: string): Promise<boolean> {
    const messages = Array.from({ length: LINES }, () => `pushed line ${this.#lines++}`);
    const push = HTTP_DOORS[this.#batches++ % HTTP_DOORS.length]?.(this.#service, messages, Date.now());
    if (push === undefined) throw new Error('no door');
    this.#last = { push, messages };
    return this.repeat(url);
  }

  /** Sends the last batch once more, as a sender does that heard nothing. */
  async repeat(url: string): Promise<boolean> {
    if (this.#last === null) return true;
    const { push, messages } = this.#last;
    const isTaken = await send(url, push);
    if (isTaken) for (const message of messages) this.acknowledged.add(message);
    return isTaken;
  }
}

async function send(url: string, { path, body }: Push): Promise<boolean> {
  const headers = { 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(20_000);
  const answer = await fetch(`${url}${path}`, { method: 'POST', body, headers, signal });
  await answer.arrayBuffer();
  return answer.ok;
}

/** Lines that a service writes to a followed file, which is renamed and begun anew now and then. */
export class LogFile {
  readonly written = new Set<string>();
  readonly #path: string;
  #batches = 0;

  constructor(path: string) {
    this.#path = path;
  }

  write(): void {
    const lines = Array.from({ length: LINES }, (_, i) => `file line ${this.written.size + i}`);
    appendFileSync(this.#path, lines.map((line) => `${line}\n`).join(''));
    for (const line of lines) this.written.add(line);
    if (++this.#batches % 25 === 0) renameSync(this.#path, `${this.#path}.${this.#batches}`);
  }
}

/** How often each stored line of a service is answered. */
export async function answeredLines(url: string, service: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const parameters = new URLSearchParams({ window: '1d', limit: '5000', service });
    if (cursor !== '') parameters.set('cursor', cursor);
    const answer = await fetch(`${url}/api/logs?${parameters.toString()}`);
    const page = (await answer.json()) as {
      logs: { message: string }[];
      next: string | null;
      warnings: string[];
    };
    expect(page.warnings).toEqual([]);
    for (const { message } of page.logs) counts.set(message, (counts.get(message) ?? 0) + 1);
    cursor = page.next;
  }
  return counts;
}

/** Every one of the lines is stored, and no line of the service twice. */
export async function linesAreThereOnce(
  url: string,
  service: string,
  lines: ReadonlySet<string>,
): Promise<void> {
  const counts = await answeredLines(url, service);
  expect([...lines].filter((message) => !counts.has(message))).toEqual([]);
  expect([...counts].filter(([, count]) => count > 1)).toEqual([]);
}
