import { Gauge, type Registry } from 'prom-client';
import type { HealthStatus } from './health.ts';

/** What `reportHealth` takes; `unknown` withdraws the report. */
export const SERVICE_STATES = ['healthy', 'degraded', 'unhealthy', 'down', 'unknown'] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];

const SHOWN = ['healthy', 'degraded', 'unhealthy', 'down'] as const;

export interface ServiceHealthDeps {
  readonly service: string;
  readonly registry: Registry;
  /** The service's own checks, which speak for it as long as nothing was reported; null when they cannot say in time. */
  readonly own: () => Promise<HealthStatus | null>;
}

/** The states that `reportHealth` set, per service, and the metrics that show them. */
export class ServiceHealth {
  readonly #reported = new Map<string, ServiceState>();
  readonly #deps: ServiceHealthDeps;

  constructor(deps: ServiceHealthDeps) {
    this.#deps = deps;
    const current = (): Promise<ReadonlyMap<string, ServiceState>> => this.current();
    new Gauge({
      name: 'service_health_status',
      help: '1 when the service is healthy or degraded, 0 when it is down; no sample when unknown.',
      labelNames: ['service'],
      registers: [deps.registry],
      async collect() {
        this.reset();
        for (const [service, state] of await current())
          if (state !== 'unknown') this.set({ service }, state === 'healthy' || state === 'degraded' ? 1 : 0);
      },
    });
    new Gauge({
      name: 'service_health_state',
      help: '1 for the exact state of the service, 0 for the others; no samples when unknown.',
      labelNames: ['service', 'state'],
      registers: [deps.registry],
      async collect() {
        this.reset();
        for (const [service, state] of await current()) {
          if (state === 'unknown') continue;
          for (const shown of SHOWN) this.set({ service, state: shown }, shown === state ? 1 : 0);
        }
      },
    });
  }

  /** False when the state is none, and nothing is changed. */
  report(service: string, state: ServiceState): boolean {
    if (!SERVICE_STATES.includes(state)) return false;
    this.#reported.set(service, state);
    return true;
  }

  /** Reported states, and the own service's by its checks where it reported none. */
  async current(): Promise<ReadonlyMap<string, ServiceState>> {
    const states = new Map(this.#reported);
    if (!states.has(this.#deps.service))
      states.set(this.#deps.service, (await this.#deps.own()) ?? 'unknown');
    return states;
  }
}
