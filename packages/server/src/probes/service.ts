import { createHash } from 'node:crypto';
import type { Egress, Trust } from '../egress/index.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { ServiceNames } from '../kernel/names.ts';
import type { Service } from '../kernel/services.ts';
import type { Telemetry } from '../kernel/telemetry.ts';
import { compileProbe } from './compile.ts';
import type { ProbeDefinition } from './definition.ts';
import { probeErrors } from './errors.ts';
import { KnownProbe, type ProbeHealth } from './known.ts';
import { concerns, isOpen, type MaintenanceWindow } from './maintenance.ts';
import { failureOf } from './probers/result.ts';
import type { Ping, ProbeResult, ProbeSample } from './probers/types.ts';
import { ProbeRunner } from './schedule/runner.ts';
import { PROBE_JOB, ProbeSeries, type SeriesStore, SeriesWriter } from './series.ts';
import type { StateEffect } from './state.ts';
import { type ProbeStore, type StoredProbe, unknownProbe } from './store.ts';
import { type ProbesTelemetry, probesTelemetry } from './telemetry.ts';

export interface ProbeChange extends ProbeHealth {
  readonly tenant: string;
  readonly from: ProbeHealth['status'];
}

export interface ProbeServiceDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly names: ServiceNames;
  readonly egress: Egress;
  readonly ping: Ping;
  readonly store: ProbeStore;
  readonly series: SeriesStore;
  /** Of the configuration file, for its tenant. */
  readonly configured: readonly ProbeDefinition[];
  readonly maintenance: readonly MaintenanceWindow[];
  readonly tenant: string;
  readonly concurrency: number;
}

const MAINTENANCE_MS = 5000;

/** All probes: when they look, what they saw, how their targets are. */
export class ProbeService implements Service {
  readonly name = 'probes';
  readonly dependsOn = ['metrics-store', 'flusher', 'http'];
  readonly #deps: ProbeServiceDeps;
  readonly #telemetry: ProbesTelemetry;
  readonly #writer: SeriesWriter;
  readonly #runner: ProbeRunner;
  /** By tenant, then id. */
  readonly #probes = new Map<string, Map<string, KnownProbe>>();
  readonly #tokens = new Map<string, KnownProbe>();
  readonly #deadlines = new Map<string, Timer>();
  readonly #listeners = new Set<(change: ProbeChange) => void>();
  #maintenance: Timer | null = null;
  #stopping = false;

  constructor(deps: ProbeServiceDeps) {
    this.#deps = deps;
    this.#telemetry = probesTelemetry(deps.telemetry, {
      states: () => this.#counts(),
      running: () => this.#runner.running,
      waiting: () => this.#runner.waiting,
    });
    this.#writer = new SeriesWriter({
      clock: deps.clock,
      store: deps.series,
      failed: (error, results) => {
        this.#telemetry.storeFailed(results);
        deps.log.warn({ err: error, results }, 'results of probes could not be stored');
      },
    });
    this.#runner = new ProbeRunner({
      clock: deps.clock,
      concurrency: deps.concurrency,
      run: (key) => this.#run(key),
      lag: (seconds) => this.#telemetry.lag(seconds),
      missed: (slots) => this.#telemetry.missed(slots),
    });
  }

  async start(): Promise<void> {
    const { store, configured, tenant, clock } = this.#deps;
    for (const definition of configured)
      await this.#admit(tenant, { id: fileId(definition.name), definition, version: null });
    for (const other of store.tenants())
      for (const stored of store.list(other)) {
        try {
          await this.#admit(other, stored);
        } catch (error) {
          this.#deps.log.warn({ err: error, probe: stored.id }, 'a stored probe cannot run');
        }
      }
    this.#checkMaintenance();
    this.#maintenance = clock.every(MAINTENANCE_MS, () => this.#checkMaintenance());
    this.#runner.start();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#runner.stop();
    this.#maintenance?.cancel();
    for (const timer of this.#deadlines.values()) timer.cancel();
    await this.#writer.flush();
  }

  /** Published to other slices: how each probe's target is. */
  list(tenant: string): readonly ProbeHealth[] {
    return this.all(tenant).map((probe) => probe.health());
  }

  /** Called after a probe's status changed. Returns the unsubscribe. */
  onChange(listener: (change: ProbeChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  all(tenant: string): readonly KnownProbe[] {
    return [...(this.#probes.get(tenant)?.values() ?? [])];
  }

  get(tenant: string, id: string): KnownProbe {
    const found = this.#probes.get(tenant)?.get(id);
    if (found === undefined) throw unknownProbe(id);
    return found;
  }

  async create(tenant: string, definition: ProbeDefinition): Promise<KnownProbe> {
    this.#refuseName(tenant, definition.name);
    compiled(definition);
    return await this.#admit(tenant, await this.#deps.store.create(tenant, definition));
  }

  async replace(
    tenant: string,
    id: string,
    definition: ProbeDefinition,
    expected?: number,
  ): Promise<KnownProbe> {
    const before = this.#own(tenant, id);
    this.#refuseName(tenant, definition.name, id);
    compiled(definition);
    const stored = await this.#deps.store.replace(tenant, id, definition, expected);
    this.#dismiss(before, sameSeries(before.definition, definition));
    return await this.#admit(tenant, stored, before);
  }

  async remove(tenant: string, id: string): Promise<void> {
    const probe = this.#own(tenant, id);
    await this.#deps.store.remove(tenant, id);
    this.#dismiss(probe, false);
  }

  /** Looks once at what is not saved, under the rules of the API. */
  async test(
    definition: ProbeDefinition,
  ): Promise<{ readonly result: ProbeResult; readonly seconds: number }> {
    const { look } = compiled(definition);
    if (look === null)
      throw probeErrors.make('invalid', 'a heartbeat cannot be tested: it waits to be heard of');
    return await this.#look(look, 'api');
  }

  /** The secret part of a heartbeat's address; null for other probes. */
  async tokenOf({ tenant, id, compiled: { look } }: KnownProbe): Promise<string | null> {
    return look === null ? await this.#deps.store.token(tenant, id) : null;
  }

  /** Somebody is alive, or says it is not. Throws `unknown` for a token nobody has. */
  beat(token: string, message: { readonly success: boolean; readonly text: string }): KnownProbe {
    const probe = this.#tokens.get(token);
    if (probe === undefined) {
      this.#telemetry.heartbeat('unknown');
      throw probeErrors.make('unknown', 'no heartbeat has this address');
    }
    this.#telemetry.heartbeat('taken');
    if (probe.definition.paused) return probe;
    this.#settle(probe, {
      success: message.success,
      reason: message.success ? '' : message.text || 'it said that it failed',
    });
    this.#await(probe);
    return probe;
  }

  #counts(): Record<'healthy' | 'degraded' | 'unhealthy' | 'unknown' | 'paused', number> {
    const counts = { healthy: 0, degraded: 0, unhealthy: 0, unknown: 0, paused: 0 };
    for (const probes of this.#probes.values())
      for (const { definition, state } of probes.values())
        counts[definition.paused ? 'paused' : state.status]++;
    return counts;
  }

  #own(tenant: string, id: string): KnownProbe {
    const probe = this.get(tenant, id);
    if (probe.version === null)
      throw probeErrors.make(
        'configured',
        `the probe "${probe.definition.name}" comes from the configuration file`,
      );
    return probe;
  }

  #refuseName(tenant: string, name: string, except?: string): void {
    if (this.all(tenant).some(({ id, definition }) => definition.name === name && id !== except))
      throw probeErrors.make('exists', `name: there is a probe "${name}" already`);
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
    let probes = this.#probes.get(tenant);
    if (probes === undefined) this.#probes.set(tenant, (probes = new Map<string, KnownProbe>()));
    probes.set(id, probe);
    const token = await this.tokenOf(probe);
    if (token !== null) this.#tokens.set(token, probe);
    if (definition.paused) return probe;
    if (ready.look === null) this.#await(probe);
    else this.#runner.set(keyOf(probe), ready.intervalMs, hashOf(keyOf(probe)));
    return probe;
  }

  #dismiss(probe: KnownProbe, seriesGoOn: boolean): void {
    this.#runner.remove(keyOf(probe));
    this.#deadlines.get(keyOf(probe))?.cancel();
    this.#deadlines.delete(keyOf(probe));
    this.#probes.get(probe.tenant)?.delete(probe.id);
    for (const [token, owner] of this.#tokens) if (owner === probe) this.#tokens.delete(token);
    if (!seriesGoOn) this.#writer.end(probe.series, this.#deps.clock.now());
  }

  async #run(key: string): Promise<void> {
    const [tenant = '', id = ''] = key.split('\u0000');
    const probe = this.#probes.get(tenant)?.get(id);
    if (probe?.compiled.look == null) return;
    const at = this.#deps.clock.now();
    const { result, seconds } = await this.#look(
      probe.compiled.look,
      probe.version === null ? 'configured' : 'api',
    );
    // It may have been changed or removed meanwhile.
    if (this.#stopping || this.#probes.get(tenant)?.get(id) !== probe) return;
    this.#telemetry.looked(probe.definition.type, result.success ? 'success' : 'failure', seconds);
    this.#settle(probe, result, { at, seconds, samples: result.samples });
  }

  async #look(
    look: NonNullable<KnownProbe['compiled']['look']>,
    trust: Trust,
  ): Promise<{ readonly result: ProbeResult; readonly seconds: number }> {
    const { clock, egress, ping } = this.#deps;
    const startedAt = clock.monotonic();
    let result: ProbeResult;
    try {
      result = await look({ egress, trust, purpose: 'probe', now: () => clock.now(), ping });
    } catch (error) {
      this.#deps.log.error({ err: error }, 'a prober failed instead of telling a result');
      result = failureOf(error);
    }
    return { result, seconds: (clock.monotonic() - startedAt) / 1000 };
  }

  #settle(
    probe: KnownProbe,
    {
      success,
      reason,
      warning = null,
    }: { readonly success: boolean; readonly reason: string; readonly warning?: string | null },
    look?: { readonly at: number; readonly seconds: number; readonly samples: readonly ProbeSample[] },
  ): void {
    const now = this.#deps.clock.now();
    const at = look?.at ?? now;
    const input = { kind: 'look' as const, success, reason, warning };
    const effects = probe.take({ at, seconds: look?.seconds ?? 0, success }, input, now);
    const expiry = look?.samples.find(({ name }) => name === 'probe_ssl_earliest_cert_expiry')?.value;
    if (expiry !== undefined) probe.expiry = expiry * 1000;
    const samples: ProbeSample[] = [
      { name: 'probe_success', value: success ? 1 : 0 },
      ...(look === undefined
        ? []
        : [{ name: 'probe_duration_seconds', value: look.seconds }, ...look.samples]),
    ];
    if (!probe.maintenance && probe.state.status !== 'unknown')
      samples.push({ name: 'probe_up', value: probe.state.status === 'unhealthy' ? 0 : 1 });
    this.#writer.write(probe.series, samples, at);
    this.#act(probe, effects);
  }

  #act(probe: KnownProbe, effects: readonly StateEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'retry') {
        if (probe.compiled.look === null) continue;
        this.#telemetry.retried();
        this.#runner.sooner(keyOf(probe), probe.compiled.retryMs);
        continue;
      }
      this.#telemetry.changed(effect.to);
      const { tenant, definition, service } = probe;
      this.#deps.log.info(
        { probe: definition.name, service, from: effect.from, to: effect.to, reason: effect.reason },
        'a probe changed state',
      );
      for (const listener of this.#listeners) listener({ ...probe.health(), tenant, from: effect.from });
      void this.#deps.store
        .remember(tenant, probe.id, probe.memory())
        .catch((error: unknown) =>
          this.#deps.log.warn({ err: error, probe: definition.name }, 'the state of a probe is not durable'),
        );
    }
  }

  /** A heartbeat has its interval and its grace from now on. */
  #await(probe: KnownProbe): void {
    const key = keyOf(probe);
    const { intervalMs, graceMs } = probe.compiled;
    this.#deadlines.get(key)?.cancel();
    const timer = after(this.#deps.clock, intervalMs + graceMs, () => {
      const last =
        probe.last === null
          ? 'since it was made or Pharos started'
          : `since ${new Date(probe.last.at).toISOString()}`;
      this.#telemetry.looked('heartbeat', 'failure', 0);
      this.#settle(probe, { success: false, reason: `nothing was heard ${last}` });
      this.#await(probe);
    });
    this.#deadlines.set(key, timer);
  }

  #checkMaintenance(): void {
    const { clock, maintenance, tenant } = this.#deps;
    const open = maintenance.filter((window) => isOpen(window, clock.now()));
    for (const probe of this.all(tenant))
      probe.maintenance = open.some((window) => concerns(window, probe.definition));
  }
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A timer of any length: those of the runtime end after 24 days. */
function after(clock: Clock, delayMs: number, run: () => void): Timer {
  if (delayMs <= LONGEST_TIMER_MS) return clock.after(delayMs, run);
  let timer = clock.after(LONGEST_TIMER_MS, () => (timer = after(clock, delayMs - LONGEST_TIMER_MS, run)));
  return { cancel: () => timer.cancel() };
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

/** Whether the series of one definition go on under another. */
function sameSeries(a: ProbeDefinition, b: ProbeDefinition): boolean {
  const target = (probe: ProbeDefinition): string => (probe.type === 'heartbeat' ? probe.name : probe.target);
  return (
    a.type === b.type && a.name === b.name && a.service === b.service && target(a) === target(b) && !b.paused
  );
}

function keyOf({ tenant, id }: Pick<KnownProbe, 'tenant' | 'id'>): string {
  return `${tenant}\u0000${id}`;
}

/** The id of a probe of the configuration file: its name's, so that it is the same after a restart. */
function fileId(name: string): string {
  return `file-${createHash('sha256').update(name).digest('base64url').slice(0, 12)}`;
}

function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
