import type { Egress } from '../egress/index.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { ServiceNames } from '../kernel/names.ts';
import type { Service } from '../kernel/services.ts';
import type { Telemetry } from '../kernel/telemetry.ts';
import { Turns } from '../kernel/turns.ts';
import { compileProbe } from './compile.ts';
import type { ProbeDefinition } from './definition.ts';
import { probeErrors } from './errors.ts';
import { fileId, sameSeries } from './identity.ts';
import { KnownProbe, type ProbeHealth } from './known.ts';
import { KnownProbes } from './known-probes.ts';
import type { MaintenanceWindow } from './maintenance.ts';
import { MaintenanceBook } from './maintenance-book.ts';
import type { Ping } from './probers/types.ts';
import { PROBE_JOB, ProbeSeries, type SeriesStore } from './series.ts';
import type { ProbeStore, StoredProbe } from './store.ts';
import { type ProbesTelemetry, probesTelemetry } from './telemetry.ts';
import { type ProbeChange, ProbeWatcher, type TimedResult, trustOf } from './watcher.ts';

export interface ProbeServiceDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly names: ServiceNames;
  readonly egress: Egress;
  readonly ping: Ping;
  readonly store: ProbeStore;
  readonly series: SeriesStore;
  readonly configured: ConfiguredProbes;
  /** Whose the probes of the configuration file are. */
  readonly tenant: string;
}

/** What stands in the configuration file. */
export interface ConfiguredProbes {
  readonly checks: readonly ProbeDefinition[];
  readonly maintenance: readonly MaintenanceWindow[];
  /** Looks under way at once. */
  readonly concurrency: number;
}

/** Windows begin and end on the minute: so much later is soon enough. */
const MAINTENANCE_MS = 5000;

/** All probes: which there are, and how their targets are. */
export class ProbeService implements Service {
  readonly name = 'probes';
  readonly dependsOn = ['metrics-store', 'flusher', 'http'];
  readonly maintenance: MaintenanceBook;
  readonly #deps: ProbeServiceDeps;
  readonly #telemetry: ProbesTelemetry;
  readonly #watcher: ProbeWatcher;
  readonly #probes = new KnownProbes();
  /** Changes over the API: two of one probe, or to one name, must not pass each other while they become durable. */
  readonly #turns = new Turns();
  readonly #listeners = new Set<(change: ProbeChange) => void>();
  #timer: Timer | null = null;
  #configured: ConfiguredProbes;
  #configuring: Promise<void> = Promise.resolve();

  constructor(deps: ProbeServiceDeps) {
    this.#deps = deps;
    this.#configured = deps.configured;
    this.maintenance = new MaintenanceBook({
      clock: deps.clock,
      store: deps.store,
      configured: deps.configured.maintenance,
      tenant: deps.tenant,
    });
    this.#telemetry = probesTelemetry(deps.telemetry, {
      states: () => this.#probes.counts(),
      running: () => this.#watcher.running,
      waiting: () => this.#watcher.waiting,
    });
    this.#watcher = new ProbeWatcher({
      ...deps,
      telemetry: this.#telemetry,
      concurrency: deps.configured.concurrency,
      find: (tenant, id) => this.#probes.find(tenant, id),
      changed: (change) => {
        for (const listener of this.#listeners) listener(change);
      },
    });
  }

  async start(): Promise<void> {
    const { store, tenant, clock } = this.#deps;
    for (const definition of this.#configured.checks) {
      try {
        await this.#admit(tenant, { id: fileId(definition.name), definition, version: null });
      } catch (error) {
        this.#cannotRun(error, definition);
      }
    }
    for (const other of store.tenants())
      for (const stored of store.list(other)) {
        try {
          await this.#admit(other, stored);
        } catch (error) {
          this.#deps.log.warn({ err: error, probe: stored.id }, 'a stored probe cannot run');
        }
      }
    await this.#forgetRemoved();
    this.checkMaintenance();
    this.#timer = clock.every(MAINTENANCE_MS, () => this.checkMaintenance());
    this.#watcher.start();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#watcher.stop();
  }

  /**
   * Takes what stands in the configuration file now. Probes that did not change go on as they are; the series of those that are gone
   * end. One at a time; resolves when it is done. A probe that cannot run is left out and logged.
   */
  configure(configured: ConfiguredProbes): Promise<void> {
    this.#configuring = this.#configuring.then(() => this.#reconfigure(configured));
    return this.#configuring;
  }

  async #reconfigure(configured: ConfiguredProbes): Promise<void> {
    const { tenant } = this.#deps;
    const before = new Map(
      this.#configured.checks.map((definition) => [fileId(definition.name), definition]),
    );
    this.#configured = configured;
    this.#watcher.concurrency = configured.concurrency;
    this.maintenance.configure(configured.maintenance);
    const after = new Map(configured.checks.map((definition) => [fileId(definition.name), definition]));
    for (const id of before.keys()) {
      const probe = this.#probes.find(tenant, id);
      if (probe !== undefined && !after.has(id)) this.#dismiss(probe, false);
    }
    for (const [id, definition] of after) {
      const known = this.#probes.find(tenant, id);
      if (known !== undefined && JSON.stringify(known.definition) === JSON.stringify(definition)) continue;
      try {
        compiled(definition);
        if (known !== undefined) this.#dismiss(known, sameSeries(known.definition, definition));
        await this.#admit(tenant, { id, definition, version: null }, known);
      } catch (error) {
        this.#cannotRun(error, definition);
      }
    }
    await this.#forgetRemoved();
    this.checkMaintenance();
  }

  #cannotRun(error: unknown, { name }: ProbeDefinition): void {
    this.#deps.log.error({ err: error, probe: name }, 'a probe of the configuration file cannot run');
  }

  /** What probes saw that have left the configuration file. */
  async #forgetRemoved(): Promise<void> {
    const { store, tenant, log } = this.#deps;
    try {
      // One of the file that cannot run is not removed: what it saw counts again once it can.
      const named = new Set(this.#configured.checks.map(({ name }) => fileId(name)));
      await store.forgetOthers(tenant, (id) => named.has(id) || this.#probes.find(tenant, id) !== undefined);
    } catch (error) {
      log.warn({ err: error }, 'states of removed probes could not be forgotten');
    }
  }

  /** Published to other slices: how each probe's target is. */
  list(tenant: string): readonly ProbeHealth[] {
    return this.all(tenant).map((probe) => probe.health());
  }

  /** The same of one probe. */
  health(tenant: string, id: string): ProbeHealth | undefined {
    return this.#probes.find(tenant, id)?.health();
  }

  /** Called after a probe's status changed. Returns the unsubscribe. */
  onChange(listener: (change: ProbeChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  all(tenant: string): readonly KnownProbe[] {
    return this.#probes.all(tenant);
  }

  /** Throws `unknown`. */
  get(tenant: string, id: string): KnownProbe {
    return this.#probes.get(tenant, id);
  }

  create(tenant: string, definition: ProbeDefinition): Promise<KnownProbe> {
    return this.#turns.take(nameKey(tenant, definition), () => this.#create(tenant, definition));
  }

  async #create(tenant: string, definition: ProbeDefinition): Promise<KnownProbe> {
    this.#probes.refuseName(tenant, definition.name);
    compiled(definition);
    const probe = await this.#admit(tenant, await this.#deps.store.create(tenant, definition));
    this.#watcher.maintain(probe, this.maintenance.judge(tenant)(definition));
    return probe;
  }

  replace(tenant: string, id: string, definition: ProbeDefinition, expected?: number): Promise<KnownProbe> {
    return this.#turns.take(idKey(tenant, id), () =>
      this.#turns.take(nameKey(tenant, definition), () => this.#replace(tenant, id, definition, expected)),
    );
  }

  async #replace(
    tenant: string,
    id: string,
    definition: ProbeDefinition,
    expected?: number,
  ): Promise<KnownProbe> {
    const before = this.#probes.own(tenant, id);
    this.#probes.refuseName(tenant, definition.name, id);
    compiled(definition);
    const stored = await this.#deps.store.replace(tenant, id, definition, expected);
    this.#dismiss(before, sameSeries(before.definition, definition));
    const probe = await this.#admit(tenant, stored, before);
    this.#watcher.maintain(probe, this.maintenance.judge(tenant)(definition));
    return probe;
  }

  remove(tenant: string, id: string): Promise<void> {
    return this.#turns.take(idKey(tenant, id), () => this.#remove(tenant, id));
  }

  async #remove(tenant: string, id: string): Promise<void> {
    const probe = this.#probes.own(tenant, id);
    await this.#deps.store.remove(tenant, id);
    this.#dismiss(probe, false);
  }

  /** Looks once at what is not saved, under the rules of the API. */
  async test(definition: ProbeDefinition): Promise<TimedResult> {
    const { look } = compiled(definition);
    if (look === null) throw waits();
    return await this.#watcher.once(look, 'api');
  }

  /** Looks once as a probe does, and saves nothing. */
  async testKnown(tenant: string, id: string): Promise<TimedResult> {
    const probe = this.get(tenant, id);
    if (probe.compiled.look === null) throw waits();
    return await this.#watcher.once(probe.compiled.look, trustOf(probe));
  }

  /** The secret part of a heartbeat's address; null for other probes. */
  async tokenOf({ tenant, id, compiled: { look } }: KnownProbe): Promise<string | null> {
    return look === null ? await this.#deps.store.token(tenant, id) : null;
  }

  /** Somebody is alive, or says it is not. Throws `unknown` for a token nobody has. */
  beat(token: string, message: { readonly success: boolean; readonly text: string }): KnownProbe {
    const probe = this.#probes.byToken(token);
    if (probe === undefined) {
      this.#telemetry.heartbeat('unknown');
      throw probeErrors.make('unknown', 'no heartbeat has this address');
    }
    this.#telemetry.heartbeat('taken');
    if (probe.definition.paused) return probe;
    this.#watcher.heard(probe, {
      success: message.success,
      reason: message.success ? '' : message.text || 'it said that it failed',
    });
    return probe;
  }

  async #admit(
    tenant: string,
    stored: Omit<StoredProbe, 'version'> & { readonly version: number | null },
    before?: KnownProbe,
  ): Promise<KnownProbe> {
    const { names, store } = this.#deps;
    const { id, definition, version } = stored;
    const ready = compiled(definition);
    const service = definition.service === undefined ? undefined : names.canonical(definition.service);
    const labels = {
      job: PROBE_JOB,
      instance: ready.target,
      probe: definition.name,
      ...(service === undefined ? {} : { service }),
    };
    const series =
      before !== undefined && sameSeries(before.definition, definition)
        ? before.series
        : new ProbeSeries(tenant, labels);
    const probe = new KnownProbe({ tenant, id, definition, version, service, compiled: ready, series });
    const remembered = before?.memory() ?? store.remembered(tenant, id);
    if (remembered !== undefined && !definition.paused) probe.restore(remembered);
    this.#probes.put(probe, await this.tokenOf(probe));
    if (definition.paused) await store.forgetHeard(tenant, id);
    else this.#watcher.begin(probe);
    return probe;
  }

  #dismiss(probe: KnownProbe, seriesGoOn: boolean): void {
    this.#watcher.end(probe, seriesGoOn);
    this.#probes.delete(probe);
  }

  /** Holds every probe against the windows that are open now. */
  checkMaintenance(): void {
    for (const tenant of this.#probes.tenants()) {
      const judge = this.maintenance.judge(tenant);
      for (const probe of this.#probes.all(tenant)) this.#watcher.maintain(probe, judge(probe.definition));
    }
  }
}

function nameKey(tenant: string, { name }: ProbeDefinition): string {
  return `name\u0000${tenant}\u0000${name}`;
}

function idKey(tenant: string, id: string): string {
  return `id\u0000${tenant}\u0000${id}`;
}

function waits(): Error {
  return probeErrors.make('invalid', 'a heartbeat cannot be tested: it waits to be heard of');
}

/** Throws `target` when a definition is well-formed and cannot run, such as authorities that are no certificates. */
function compiled(definition: ProbeDefinition): KnownProbe['compiled'] {
  try {
    return compileProbe(definition);
  } catch (cause) {
    throw probeErrors.make(
      'target',
      `the probe "${definition.name}" cannot run: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
