import { z } from 'zod';
import type { OpenJournal, Position, StateKind, StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { ReadText } from '../http-client/headers.ts';
import type { MetricMetadata } from '../sink.ts';
import type { MetricsStore } from '../store/store.ts';
import { isSecondVersion, type RemoteWriteConfig, remoteName } from './config.ts';
import { MetadataSender } from './metadata.ts';
import { ForwardQueue } from './queue.ts';
import { Sender } from './sender.ts';
import { type ForwardTelemetry, forwardTelemetry } from './telemetry.ts';

export interface ForwardDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly journal: Pick<OpenJournal, 'follow' | 'onCommitted' | 'flushedPosition'>;
  readonly state: StateStore;
  readonly store: Pick<MetricsStore, 'labelsOf' | 'metadata'>;
  readonly readText: ReadText;
  readonly tenant: string;
}

export interface ForwardConfiguration {
  readonly remotes: readonly RemoteWriteConfig[];
  readonly external: Readonly<Record<string, string>>;
}

/** How far a remote has come in the journal. */
const positionKind: StateKind<{ readonly position: number; readonly sending: number }> = {
  name: 'metrics.forward',
  version: 1,
  /** Everything up to `position` is sent; up to `sending` it was about to be. */
  schema: z.strictObject({ position: z.number(), sending: z.number() }),
};

/** Places are saved so often; a kill repeats what was sent since. */
const SAVE_EVERY_MS = 5_000;
/** A queue that saw nothing new looks again after this, in case it was not told. */
const LOOK_AGAIN_MS = 1_000;

interface Running {
  readonly identity: string;
  readonly queue: ForwardQueue;
  readonly sender: Sender;
  readonly metadata: MetadataSender;
}

/** `remote_write`: sends accepted samples of the default tenant on to others, from the journal, over restarts. */
export class ForwardService implements Service {
  readonly name = 'forward';
  readonly dependsOn: readonly string[];
  readonly #deps: ForwardDeps;
  readonly #telemetry: ForwardTelemetry;
  readonly #running = new Map<string, Running>();
  /** Queues that end, and their successors' starts behind them. */
  #changing: Promise<void> = Promise.resolve();
  readonly #reached = new Map<string, Position>();
  #configuration: ForwardConfiguration;
  #started = false;
  #timer: Timer | null = null;

  constructor(configuration: ForwardConfiguration, deps: ForwardDeps, dependsOn: readonly string[] = []) {
    this.#configuration = configuration;
    this.#deps = deps;
    this.dependsOn = dependsOn;
    this.#telemetry = forwardTelemetry(deps.telemetry);
  }

  async start(): Promise<void> {
    this.#started = true;
    this.#timer = this.#deps.clock.every(SAVE_EVERY_MS, () => void this.#save());
    await this.#apply();
  }

  async stop(): Promise<void> {
    this.#started = false;
    this.#timer?.cancel();
    await this.#changing;
    await Promise.all([...this.#running.values()].map(end));
    this.#running.clear();
    await this.#save();
  }

  /** Remotes that did not change go on undisturbed. */
  applyConfig(configuration: ForwardConfiguration): void {
    this.#configuration = configuration;
    if (this.#started) void this.#apply();
  }

  #apply(): Promise<void> {
    this.#changing = this.#changing.then(() => this.#change());
    return this.#changing;
  }

  async #change(): Promise<void> {
    const { remotes, external } = this.#configuration;
    const wanted = new Map(remotes.map((remote) => [remoteName(remote), remote]));
    for (const [name, running] of this.#running) {
      const remote = wanted.get(name);
      if (remote !== undefined && running.identity === JSON.stringify([remote, external])) continue;
      this.#running.delete(name);
      await end(running);
    }
    await this.#save();
    await this.#forget(wanted);
    for (const [name, remote] of wanted) if (!this.#running.has(name)) this.#begin(name, remote, external);
  }

  #begin(name: string, remote: RemoteWriteConfig, external: ForwardConfiguration['external']): void {
    const { clock, random, log, journal, state, store, readText, tenant } = this.#deps;
    const sender = new Sender(remote, {
      clock,
      random,
      readText,
      onRetry: (reason) => {
        this.#telemetry.retries.inc({ remote: name });
        log.debug({ remote: name, reason }, 'a remote did not take samples; they are sent again');
      },
    });
    // A new remote gets what is accepted from now on.
    const saved = state.get(positionKind, tenant, name)?.value;
    const after = this.#reached.get(name) ?? saved?.position ?? journal.flushedPosition();
    this.#reached.set(name, after);
    const queue = new ForwardQueue(remote, {
      clock,
      log,
      telemetry: this.#telemetry,
      follower: journal.follow(after),
      tenant,
      external,
      labelsOf: store.labelsOf,
      metadataOf: (metric) =>
        remote.metadata_config.send && isSecondVersion(remote)
          ? familyOf(store.metadata.families(tenant), metric)
          : undefined,
      send: (body, stop) => sender.send(body, stop),
      resumeUpTo: saved !== undefined && saved.sending > after ? saved.sending : undefined,
      begin: async (sending) => {
        const position = this.#reached.get(name) ?? after;
        await state.put(positionKind, tenant, name, { position, sending });
      },
      done: (position) => this.#reached.set(name, position),
      more: (stop) => this.#more(stop),
    });
    // In 2.0 it comes with the series.
    const descriptions = {
      ...remote.metadata_config,
      send: remote.metadata_config.send && !isSecondVersion(remote),
    };
    const metadata = new MetadataSender(descriptions, {
      clock,
      families: () => store.metadata.families(tenant),
      send: (body, stop) => sender.send(body, stop),
    });
    this.#running.set(name, { identity: JSON.stringify([remote, external]), queue, sender, metadata });
    queue.start();
    metadata.start();
  }

  #more(stop: AbortSignal): Promise<void> {
    const { clock, journal } = this.#deps;
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        unsubscribe();
        stop.removeEventListener('abort', done);
        resolve();
      };
      const timer = clock.after(LOOK_AGAIN_MS, done);
      const unsubscribe = journal.onCommitted(done);
      if (stop.aborted) done();
      else stop.addEventListener('abort', done, { once: true });
    });
  }

  async #save(): Promise<void> {
    const { state, tenant, log } = this.#deps;
    const writes = [...this.#reached].flatMap(([key, position]) =>
      state.get(positionKind, tenant, key)?.value.position === position
        ? []
        : [{ kind: positionKind, tenant, key, value: { position, sending: position } }],
    );
    if (writes.length === 0) return;
    await state.write(writes).catch((error: unknown) => {
      log.warn({ err: error }, 'the places of remotes in the journal could not be saved');
    });
  }

  async #forget(wanted: ReadonlyMap<string, RemoteWriteConfig>): Promise<void> {
    const { state, tenant } = this.#deps;
    for (const { key } of state.list(positionKind, tenant)) {
      if (wanted.has(key)) continue;
      this.#reached.delete(key);
      await state.delete(positionKind, tenant, key);
    }
  }
}

/** What is known of the family that a series' metric belongs to. */
function familyOf(
  families: ReadonlyMap<string, readonly MetricMetadata[]>,
  metric: string,
): MetricMetadata | undefined {
  return (families.get(metric) ?? families.get(metric.replace(/_(?:bucket|count|sum)$/, '')))?.[0];
}

async function end({ queue, sender, metadata }: Running): Promise<void> {
  await Promise.all([queue.stop(), metadata.stop()]);
  await sender.close();
}
