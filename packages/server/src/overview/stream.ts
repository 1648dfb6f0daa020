import { z } from 'zod';
import type { Annotation } from '../annotations/index.ts';
import {
  type Dependency,
  type HealthHistory,
  type HealthMonitor,
  renderServiceHealth,
  systemStatus,
} from '../health/index.ts';
import { httpErrors } from '../http/errors.ts';
import { renderPharosError } from '../http/render.ts';
import type { EventHub, StreamEvent } from '../http/sse.ts';
import { iso } from '../http/times.ts';
import type { ApiModule } from '../http/types.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { type OverviewSources, summarize } from './summary.ts';

export interface LiveOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** One hub per tenant is made on demand. */
  readonly hub: () => EventHub;
  readonly sources: OverviewSources;
  readonly monitor: HealthMonitor;
  readonly history: HealthHistory;
  readonly dependencies: () => readonly Dependency[];
  /** How many alerts of each state a tenant has; null of one that has none. */
  readonly alerts: (tenant: string) => object | null;
}

const ALERTS_EVERY_MS = 2000;
const SUMMARY_EVERY_MS = 5000;
const LIVE_WINDOW = { text: '1m', ms: 60_000 } as const;

/**
 * The live stream of the dashboard, `GET /api/v1/stream`: `health` when any service's state or reasons change, `summary` every five seconds,
 * `alerts` when there are more or fewer of a state, and a word whenever something else is new.
 */
export class LiveStream {
  readonly #options: LiveOptions;
  readonly #hubs = new Map<string, EventHub>();
  readonly #stops: (() => void)[] = [];
  readonly #timers: Timer[] = [];
  /** By tenant, what was told of its alerts last. */
  readonly #alertsTold = new Map<string, string>();
  #summarizing = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, monitor } = this.#options;
    this.#timers.push(
      clock.every(SUMMARY_EVERY_MS, () => void this.#sendSummaries()),
      clock.every(ALERTS_EVERY_MS, () => this.#sendAlerts()),
    );
    this.#stops.push(monitor.onChange(() => void this.#sendHealth()));
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    for (const stop of this.#stops.splice(0)) stop();
    this.#closeStreams();
  }

  #closeStreams(): void {
    for (const hub of this.#hubs.values()) hub.close();
  }

  annotated(tenant: string, annotation: Annotation | undefined): void {
    if (annotation !== undefined)
      this.#hubs.get(tenant)?.broadcast({ event: 'annotation', data: annotation });
  }

  /** A group of errors is new, or its state changed. */
  errorGroup(tenant: string, signal: object): void {
    this.#hubs.get(tenant)?.broadcast({ event: 'error_group', data: signal });
  }

  /** Something about the circuit breakers is new; who shows them asks. */
  breakersChanged(tenant: string): void {
    const timestamp = iso(this.#options.clock.now());
    this.#hubs.get(tenant)?.broadcast({ event: 'breakers', data: { timestamp } });
  }

  api(): ApiModule {
    return {
      name: 'stream',
      renderError: renderPharosError,
      register: (app) => {
        // The server's close waits for open answers, and these never end by themselves.
        app.addHook('preClose', (done) => {
          this.#closeStreams();
          done();
        });
        app.get(
          '/api/v1/stream',
          {
            schema: {
              tags: ['overview'],
              summary: 'Server-sent events: health, summary, alerts, annotation, error_group, breakers',
              response: { 200: z.string() },
            },
            compress: false,
          },
          async (request, reply) => {
            let hub = this.#hubs.get(request.tenant);
            if (hub === undefined) this.#hubs.set(request.tenant, (hub = this.#options.hub()));
            // Health last: it is read from memory, so that no change falls between the greeting and the first event.
            const summary = await this.#summary(request.tenant).catch((error: unknown) => {
              this.#options.log.warn({ err: error }, 'a new reader of the live stream gets no summary yet');
              return null;
            });
            const health = await this.#health(request.tenant);
            const alerts = this.#options.alerts(request.tenant);
            const greeting = [
              health,
              ...(summary === null ? [] : [summary]),
              ...(alerts === null ? [] : [{ event: 'alerts', data: alerts }]),
            ];
            if (!hub.connect(request, reply, greeting))
              throw httpErrors.make('busy', 'too many dashboards are open at once', {
                retryAfterSeconds: 30,
              });
            return reply;
          },
        );
      },
    };
  }

  #watched(): [string, EventHub][] {
    return [...this.#hubs].filter(([, hub]) => hub.size > 0);
  }

  async #health(tenant: string): Promise<StreamEvent> {
    const { monitor, clock } = this.#options;
    const services = monitor.list(tenant);
    const dependencies = this.#options.dependencies();
    const rendered = await Promise.all(
      services.map((service) => renderServiceHealth(this.#options, tenant, service)),
    );
    return {
      event: 'health',
      data: {
        timestamp: iso(clock.now()),
        window: LIVE_WINDOW.text,
        status: systemStatus(services, dependencies),
        services: rendered,
        dependencies,
      },
    };
  }

  async #summary(tenant: string): Promise<StreamEvent> {
    return {
      event: 'summary',
      data: await summarize(this.#options.sources, tenant, LIVE_WINDOW, () => true),
    };
  }

  async #sendHealth(): Promise<void> {
    await this.#each((tenant) => this.#health(tenant));
  }

  async #sendSummaries(): Promise<void> {
    if (this.#summarizing) return;
    this.#summarizing = true;
    await this.#each((tenant) => this.#summary(tenant));
    this.#summarizing = false;
  }

  #sendAlerts(): void {
    for (const [tenant, hub] of this.#watched()) {
      const counts = this.#options.alerts(tenant);
      const text = JSON.stringify(counts);
      if (counts === null || this.#alertsTold.get(tenant) === text) continue;
      this.#alertsTold.set(tenant, text);
      hub.broadcast({ event: 'alerts', data: counts });
    }
  }

  async #each(make: (tenant: string) => Promise<StreamEvent>): Promise<void> {
    for (const [tenant, hub] of this.#watched()) {
      try {
        hub.broadcast(await make(tenant));
      } catch (error) {
        this.#options.log.warn({ err: error }, 'the live stream could not be filled');
      }
    }
  }
}
