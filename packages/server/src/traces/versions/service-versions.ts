import { z } from 'zod';
import type { StateKind, StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import { type Deployment, type Noticed, notice, type SeenVersion } from './notice.ts';

const seenVersion = z.strictObject({
  version: z.string(),
  first: z.number(),
  last: z.number(),
  returned: z.number().optional(),
});

/** By service. */
const versionsKind: StateKind<{ readonly versions: readonly SeenVersion[] }> = {
  name: 'traces.versions',
  version: 1,
  schema: z.strictObject({ versions: z.array(seenVersion) }),
};

export interface ServiceVersionsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly state: StateStore;
  readonly telemetry: Telemetry;
  /** Told of each deployment once, of so many of a service in an hour: one that says another version each time must not drown the others. */
  readonly onDeployment: (tenant: string, deployment: Deployment) => void;
}

/** How often what was seen is written down. */
const SAVE_EVERY_MS = 60_000;
/** When a version was last seen is written down so coarsely. */
const COARSE_MS = 10 * 60_000;
/** Services of a tenant whose versions are followed. */
const MOST_SERVICES = 2000;
const MOST_CHARACTERS = 100;

/** Deployments of a service that are told in an hour. */
const MOST_TOLD = 20;
const HOUR_MS = 3_600_000;

interface Followed {
  versions: readonly SeenVersion[];
  saved: readonly SeenVersion[];
  /** When deployments were told in the last hour, epoch ms. */
  told: readonly number[];
}

/** Which versions the services of each tenant run, as their spans say (`service.version` of the resource), over restarts. */
export class ServiceVersions implements Service {
  readonly name = 'service-versions';
  readonly #deps: ServiceVersionsDeps;
  readonly #tenants = new Map<string, Map<string, Followed>>();
  readonly #deployments: ReturnType<Telemetry['counter']>;
  #timer: Timer | null = null;

  constructor(deps: ServiceVersionsDeps) {
    this.#deps = deps;
    this.#deployments = deps.telemetry.counter({
      name: 'pharos_traces_deployments_total',
      help: 'Deployments that versions in spans showed; suppressed: more of a service in an hour than are told.',
      labels: ['outcome'],
    });
    for (const tenant of deps.state.tenants(versionsKind))
      for (const { key, value } of deps.state.list(versionsKind, tenant))
        this.#servicesOf(tenant).set(key, {
          versions: value.versions,
          saved: value.versions,
          told: [],
        });
  }

  start(): void {
    this.#timer ??= this.#deps.clock.every(SAVE_EVERY_MS, () => void this.#save());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#save();
  }

  /** Spans of a service became durable. */
  seen(tenant: string, service: string, noticed: Noticed): void {
    const services = this.#servicesOf(tenant);
    let followed = services.get(service);
    if (followed === undefined) {
      if (services.size >= MOST_SERVICES) return;
      services.set(service, (followed = { versions: [], saved: [], told: [] }));
    }
    const version = noticed.version.slice(0, MOST_CHARACTERS);
    const { known, deployment } = notice(followed.versions, { ...noticed, version });
    followed.versions = known;
    if (deployment === null) return;
    if (!this.#mayTell(followed)) return;
    this.#deps.onDeployment(tenant, { service, ...deployment });
    void this.#save();
  }

  /** The versions of each service, the one seen last first. */
  list(tenant: string): ReadonlyMap<string, readonly SeenVersion[]> {
    const services = this.#tenants.get(tenant) ?? new Map<string, Followed>();
    return new Map([...services].map(([service, { versions }]) => [service, versions]));
  }

  #mayTell(followed: Followed): boolean {
    const now = this.#deps.clock.now();
    followed.told = followed.told.filter((at) => now - at < HOUR_MS);
    const may = followed.told.length < MOST_TOLD;
    if (may) followed.told = [...followed.told, now];
    this.#deployments.inc({ outcome: may ? 'told' : 'suppressed' });
    return may;
  }

  #servicesOf(tenant: string): Map<string, Followed> {
    let services = this.#tenants.get(tenant);
    if (services === undefined) this.#tenants.set(tenant, (services = new Map<string, Followed>()));
    return services;
  }

  /** Never rejects: what could not be written is tried again. */
  async #save(): Promise<void> {
    const { state, log } = this.#deps;
    const changed = [...this.#tenants].flatMap(([tenant, services]) =>
      [...services]
        .filter(([, { versions, saved }]) => differs(versions, saved))
        .map(([service, followed]) => ({ tenant, service, followed, versions: followed.versions })),
    );
    if (changed.length === 0) return;
    try {
      await state.write(
        changed.map(({ tenant, service, versions }) => ({
          kind: versionsKind,
          tenant,
          key: service,
          value: { versions },
        })),
      );
      for (const { followed, versions } of changed) followed.saved = versions;
    } catch (error) {
      log.warn({ err: error }, 'the versions of services could not be saved; they are saved later');
    }
  }
}

/** Whether there is more to write than that a version goes on. */
function differs(now: readonly SeenVersion[], saved: readonly SeenVersion[]): boolean {
  return (
    now.length !== saved.length ||
    now.some((one) => {
      const before = saved.find(({ version }) => version === one.version);
      return (
        before === undefined ||
        before.first !== one.first ||
        before.returned !== one.returned ||
        one.last - before.last >= COARSE_MS
      );
    })
  );
}
