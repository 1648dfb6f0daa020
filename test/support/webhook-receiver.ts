import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { freePort } from './ports.ts';

const texts = z.record(z.string(), z.string());

/** What is looked at of Alertmanager's webhook body. */
const bodyShape = z.object({
  status: z.enum(['firing', 'resolved']),
  groupKey: z.string(),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: texts,
      annotations: texts,
      startsAt: z.iso.datetime({ offset: true }),
      endsAt: z.string(),
      generatorURL: z.string(),
      fingerprint: z.string(),
    }),
  ),
});

export interface Told extends z.output<typeof bodyShape> {
  /** Epoch ms of its arrival. */
  readonly at: number;
  readonly path: string;
  /** Names the notification through all its attempts. */
  readonly delivery: string;
  readonly mayBeDuplicate: boolean;
}

/** Answers a notification that came whole; false when it is not taken. By default it is taken at once. */
export type Answer = (told: Told, response: ServerResponse) => boolean | Promise<boolean>;

/** A receiver of webhooks that keeps all it took. */
export class WebhookReceiver {
  readonly told: Told[] = [];
  readonly #server: Server;
  #port = 0;

  constructor(answer: Answer = taken) {
    this.#server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const told = read(request.url ?? '', request.headers, text);
        void Promise.resolve(answer(told, response)).then((isTaken) => {
          if (isTaken) this.told.push(told);
        });
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async open(): Promise<void> {
    this.#port = await freePort();
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function taken(_told: Told, response: ServerResponse): boolean {
  response.end();
  return true;
}

function read(path: string, headers: IncomingHttpHeaders, text: string): Told {
  return {
    ...bodyShape.parse(JSON.parse(text)),
    at: Date.now(),
    path,
    delivery: String(headers['x-pharos-delivery']),
    mayBeDuplicate: headers['x-pharos-possible-duplicate'] === 'true',
  };
}
