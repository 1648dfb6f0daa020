import { z } from 'zod';
import { httpErrors } from '../http/errors.ts';
import { renderPharosError } from '../http/render.ts';
import type { EventHub } from '../http/sse.ts';
import type { ApiModule } from '../http/types.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Service } from '../kernel/services.ts';
import { entryText } from './routes/texts.ts';
import { type EventChunk, readEvent } from './store/chunk.ts';

export interface LiveEventsDeps {
  readonly clock: Clock;
  /** One hub per tenant is made on demand. */
  readonly hub: () => EventHub;
}

const EVERY_MS = 500;
/** Newest events of one message; the rest are only counted. */
const MOST_SHOWN = 50;

interface Watched {
  readonly hub: EventHub;
  entries: string[];
  count: number;
}

/** `GET /api/v1/monitoring/stream`: the newest judged events as they become durable, twice a second. Costs nothing while nobody watches. */
export class LiveEvents implements Service {
  readonly name = 'live-events';
  readonly #deps: LiveEventsDeps;
  readonly #watched = new Map<string, Watched>();
  #timer: Timer | null = null;
  #stopped = true;

  constructor(deps: LiveEventsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stopped = false;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#close();
  }

  observe(chunk: EventChunk): void {
    const watched = this.#watched.get(chunk.tenant);
    if (watched === undefined || watched.hub.size === 0) return;
    watched.count += chunk.rows;
    for (let row = Math.max(0, chunk.rows - MOST_SHOWN); row < chunk.rows; row++)
      watched.entries.push(entryText(readEvent(chunk, row)));
    if (watched.entries.length > MOST_SHOWN) watched.entries = watched.entries.slice(-MOST_SHOWN);
    if (!this.#stopped) this.#timer ??= this.#deps.clock.after(EVERY_MS, () => this.#send());
  }

  api(): ApiModule {
    return {
      name: 'event-stream',
      renderError: renderPharosError,
      register: (app) => {
        // The server's close waits for open answers, and these never end by themselves.
        app.addHook('preClose', (done) => {
          this.#close();
          done();
        });
        app.get(
          '/api/v1/monitoring/stream',
          {
            schema: {
              tags: ['events'],
              summary: 'Server-sent events: `events`, the newest judged events and how many came',
              response: { 200: z.string() },
            },
            compress: false,
          },
          async (request, reply) => {
            const { tenant } = request;
            let watched = this.#watched.get(tenant);
            if (watched === undefined)
              this.#watched.set(tenant, (watched = { hub: this.#deps.hub(), entries: [], count: 0 }));
            if (!watched.hub.connect(request, reply, []))
              throw httpErrors.make('busy', 'too many readers follow events at once', {
                retryAfterSeconds: 30,
              });
            return reply;
          },
        );
      },
    };
  }

  #send(): void {
    this.#timer = null;
    for (const watched of this.#watched.values()) {
      if (watched.count === 0) continue;
      const { entries, count } = watched;
      watched.entries = [];
      watched.count = 0;
      const events: unknown = JSON.parse(`[${entries.join()}]`);
      watched.hub.broadcast({ event: 'events', data: { count, events } });
    }
  }

  #close(): void {
    for (const { hub } of this.#watched.values()) hub.close();
  }
}
