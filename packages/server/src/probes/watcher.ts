import type { Egress, Trust } from '../egress/index.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import { maskedText } from '../kernel/config/mask.ts';
import type { Log } from '../kernel/log.ts';
import { Heartbeats } from './heartbeats.ts';
import { hashOf, keyOf, ofKey } from './identity.ts';
import type { KnownProbe, ProbeHealth } from './known.ts';
import { failureOf } from './probers/result.ts';
import type { Ping, ProbeResult, ProbeSample } from './probers/types.ts';
import { ProbeRunner } from './schedule/runner.ts';
import { type SeriesStore, SeriesWriter } from './series.ts';
import type { StateEffect } from './state.ts';
import type { ProbeStore } from './store.ts';
import type { ProbesTelemetry } from './telemetry.ts';

export interface ProbeChange extends ProbeHealth {
  readonly tenant: string;
  readonly from: ProbeHealth['status'];
}

export interface ProbeWatcherDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: ProbesTelemetry;
  readonly egress: Egress;
  readonly ping: Ping;
  readonly store: Pick<ProbeStore, 'remember' | 'heard' | 'hear'>;
  readonly series: SeriesStore;
  /** Looks under way at once. */
  readonly concurrency: number;
  readonly find: (tenant: string, id: string) => KnownProbe | undefined;
  readonly changed: (change: ProbeChange) => void;
}

/** One look, and how long it took. */
export interface TimedResult {
  readonly result: ProbeResult;
  readonly seconds: number;
}

/** A probe is looked at so soon after it was begun, however long its interval is. */
const FIRST_MS = 60_000;
/** What is known is written anew after so long, that series do not end between looks: queries look back five minutes. */
const REPEAT_MS = 60_000;
const REPEAT_EVERY_MS = 15_000;

/** Lets probes look when they are due and waits for heartbeats; what comes of it are series, states and retries. */
export class ProbeWatcher {
  readonly #deps: ProbeWatcherDeps;
  readonly #writer: SeriesWriter;
  readonly #runner: ProbeRunner;
  readonly #heartbeats: Heartbeats;
  readonly #watched = new Map<string, KnownProbe>();
  #repeats: Timer | null = null;
  #stopping = false;

  constructor(deps: ProbeWatcherDeps) {
    this.#deps = deps;
    const { clock, log, telemetry } = deps;
    this.#heartbeats = new Heartbeats({
      ...deps,
      missed: (probe, reason) => {
        telemetry.looked('heartbeat', 'failure', 0);
        this.#settle(probe, { success: false, reason });
      },
    });
    this.#writer = new SeriesWriter({
      clock,
      store: deps.series,
      failed: (error, results) => {
        telemetry.storeFailed(results);
        log.warn({ err: error, results }, 'results of probes could not be stored');
      },
    });
    this.#runner = new ProbeRunner({
      clock,
      concurrency: deps.concurrency,
      run: (key) => this.#run(key),
      lag: (seconds) => telemetry.lag(seconds),
      missed: (slots) => telemetry.missed(slots),
    });
  }

  get running(): number {
    return this.#runner.running;
  }

  get waiting(): number {
    return this.#runner.waiting;
  }

  set concurrency(looks: number) {
    this.#runner.concurrency = looks;
  }

  start(): void {
    this.#runner.start();
    this.#repeats = this.#deps.clock.every(REPEAT_EVERY_MS, () => this.#repeat());
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#repeats?.cancel();
    this.#runner.stop();
    this.#heartbeats.stop();
    await this.#writer.flush();
  }

  /** From now on it looks, or is waited for. */
  begin(probe: KnownProbe): void {
    const { look, intervalMs } = probe.compiled;
    this.#watched.set(keyOf(probe), probe);
    if (look === null) return this.#heartbeats.begin(probe);
    this.#runner.set(keyOf(probe), intervalMs, hashOf(keyOf(probe)));
    this.#soon(probe);
  }

  end(probe: KnownProbe, seriesGoOn: boolean): void {
    this.#watched.delete(keyOf(probe));
    this.#runner.remove(keyOf(probe));
    this.#heartbeats.cancel(probe);
    if (!seriesGoOn) this.#writer.end(probe.series, this.#deps.clock.now());
  }

  /** Whether a window is open for it: then nothing is said of its state, and afterwards what it sees anew counts. */
  maintain(probe: KnownProbe, isOpen: boolean): void {
    if (probe.maintenance === isOpen) return;
    probe.maintenance = isOpen;
    if (isOpen) this.#writer.endOne(probe.series, 'probe_up', this.#deps.clock.now());
    else if (this.#watched.get(keyOf(probe)) === probe) this.#soon(probe);
  }

  /** Looks within a minute, at a time of its own. */
  #soon(probe: KnownProbe): void {
    const { look, intervalMs } = probe.compiled;
    if (look === null || intervalMs <= FIRST_MS) return;
    this.#runner.sooner(keyOf(probe), hashOf(keyOf(probe)) % FIRST_MS);
  }

  #repeat(): void {
    const now = this.#deps.clock.now();
    for (const [key, probe] of this.#watched) {
      // A look under way brings samples of when it began, before these.
      if (now - probe.series.newest < REPEAT_MS || this.#runner.isRunning(key)) continue;
      const samples = [...(probe.last === null ? [] : [successOf(probe.last)]), ...stateOf(probe)];
      if (probe.expiry !== null) samples.push({ name: EXPIRY, value: probe.expiry / 1000 });
      if (samples.length > 0) this.#writer.write(probe.series, samples, now);
    }
  }

  /** A heartbeat was heard of. */
  heard(probe: KnownProbe, message: { readonly success: boolean; readonly reason: string }): void {
    this.#settle(probe, message);
    this.#heartbeats.heard(probe);
  }

  async #run(key: string): Promise<void> {
    const [tenant, id] = ofKey(key);
    const probe = this.#deps.find(tenant, id);
    if (probe?.compiled.look == null) return;
    const at = this.#deps.clock.now();
    const { result, seconds } = await this.once(probe.compiled.look, trustOf(probe));
    // It may have been changed or removed meanwhile.
    if (this.#stopping || this.#deps.find(tenant, id) !== probe) return;
    this.#deps.telemetry.looked(probe.definition.type, result.success ? 'success' : 'failure', seconds);
    this.#settle(probe, result, { at, seconds, samples: result.samples });
  }

  /** Looks once, and keeps nothing of it. Never rejects. */
  async once(look: NonNullable<KnownProbe['compiled']['look']>, trust: Trust): Promise<TimedResult> {
    const { clock, egress, ping } = this.#deps;
    const startedAt = clock.monotonic();
    let result: ProbeResult;
    try {
      result = await look({ egress, trust, purpose: 'probe', now: () => clock.now(), ping });
    } catch (error) {
      this.#deps.log.error({ err: error }, 'a prober failed instead of telling a result');
      result = failureOf(error);
    }
    const { reason, warning } = result;
    // Errors name addresses, which may hold what logs in there.
    result = {
      ...result,
      reason: maskedText(reason),
      warning: warning === null ? null : maskedText(warning),
    };
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
    const expiry = look?.samples.find(({ name }) => name === EXPIRY)?.value;
    if (expiry !== undefined) probe.expiry = expiry * 1000;
    // Who fails may do so before it shows its certificate.
    else if (success) probe.expiry = null;
    const samples: ProbeSample[] = [
      successOf({ success }),
      ...(look === undefined
        ? []
        : [{ name: 'probe_duration_seconds', value: look.seconds }, ...look.samples]),
      ...stateOf(probe),
    ];
    this.#writer.write(probe.series, samples, at);
    this.#act(probe, effects);
  }

  #act(probe: KnownProbe, effects: readonly StateEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'retry') {
        if (probe.compiled.look === null) continue;
        this.#deps.telemetry.retried();
        this.#runner.sooner(keyOf(probe), probe.compiled.retryMs);
        continue;
      }
      this.#deps.telemetry.changed(effect.to);
      const { tenant, definition, service } = probe;
      this.#deps.log.info(
        { probe: definition.name, service, from: effect.from, to: effect.to, reason: effect.reason },
        'a probe changed state',
      );
      this.#deps.changed({ ...probe.health(), tenant, from: effect.from });
      void this.#deps.store
        .remember(tenant, probe.id, probe.memory())
        .catch((error: unknown) =>
          this.#deps.log.warn({ err: error, probe: definition.name }, 'the state of a probe is not durable'),
        );
    }
  }
}

const EXPIRY = 'probe_ssl_earliest_cert_expiry';

function successOf({ success }: { readonly success: boolean }): ProbeSample {
  return { name: 'probe_success', value: success ? 1 : 0 };
}

function stateOf({ maintenance, state: { status } }: KnownProbe): ProbeSample[] {
  return maintenance || status === 'unknown'
    ? []
    : [{ name: 'probe_up', value: status === 'unhealthy' ? 0 : 1 }];
}

/** What the configuration file names may lie where the API may not look. */
export function trustOf({ version }: KnownProbe): Trust {
  return version === null ? 'configured' : 'api';
}
