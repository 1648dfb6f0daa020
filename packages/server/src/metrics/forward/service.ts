import { z } from 'zod';
import type {
  JournalFollower,
  OpenJournal,
  Position,
  StateKind,
  StateStore,
  StateWrite,
} from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { maskedText } from '../../kernel/config/mask.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { ReadText } from '../http-client/headers.ts';
import type { MetricMetadata } from '../sink.ts';
import type { MetricsStore } from '../store/store.ts';
import { isSecondVersion, type RemoteWriteConfig, remoteLabel, remoteName } from './config.ts';
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
  readonly store: Pick<MetricsStore, 'labelsOf'> & {
    readonly metadata: Pick<MetricsStore['metadata'], 'families'>;
  };
  readonly readText: ReadText;
  readonly tenant: string;
}

export interface ForwardConfiguration {
  readonly remotes: readonly RemoteWriteConfig[];
  readonly external: Readonly<Record<string, string>>;
}

/** How far a remote has come in the journal. */
const positionKind: StateKind<{
  readonly position: number;
  readonly sending: number;
  readonly url?: string | undefined;
}> = {
  name: 'metrics.forward',
  version: 1,
  /** Everything up to `position` is sent; up to `sending` it was about to be. `url` tells the remote under another name. */
  schema: z.strictObject({ position: z.number(), sending: z.number(), url: z.string().optional() }),
};

/** Places are saved so often; a kill repeats what was sent since. */
const SAVE_EVERY_MS = 5_000;
/** A queue that saw nothing new looks again after this, in case it was not told. */
const LOOK_AGAIN_MS = 1_000;

/** Where a remote is, from one queue to the next: as long as it is here, the journal keeps what comes after it. */
interface Place {
  readonly follower: JournalFollower;
  url: string;
  position: Position;
  sending: Position;
}

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
  readonly #places = new Map<string, Place>();
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
    for (const { follower } of this.#places.values()) follower.close();
    this.#places.clear();
  }

  /** Remotes that did not change go on undisturbed; changed ones where they were. */
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
    this.#settle(wanted);
    // Under its new name a remote's place is durable before the one under its old name goes.
    const isSaved = await this.#save();
    await this.#forget(wanted, isSaved);
    for (const [name, remote] of wanted) if (!this.#running.has(name)) this.#begin(name, remote, external);
  }

  /** Gives each remote its place: the one it has, the one it had under another name, or the end of the journal. */
  #settle(wanted: ReadonlyMap<string, RemoteWriteConfig>): void {
    const { journal, state, tenant } = this.#deps;
    const known = new Map(state.list(positionKind, tenant).map(({ key, value }) => [key, value]));
    for (const [name, { position, sending, url }] of this.#places)
      known.set(name, { position, sending, url });
    const heirs = inherited(wanted, known);
    for (const [name, { url }] of wanted) {
      const place = this.#places.get(name);
      if (place !== undefined) {
        place.url = url;
        continue;
      }
      const from = heirs.get(name) ?? name;
      // A new remote gets what is accepted from now on.
      const { position, sending } = known.get(from) ?? newcomer(journal.flushedPosition());
      this.#places.set(name, { follower: journal.follow(position), url, position, sending });
    }
  }

  #begin(name: string, remote: RemoteWriteConfig, external: ForwardConfiguration['external']): void {
    const { clock, random, log, state, store, readText, tenant } = this.#deps;
    const place = this.#places.get(name);
    if (place === undefined) return;
    const sender = new Sender(remote, {
      clock,
      random,
      readText,
      onRetry: (reason) => {
        this.#telemetry.retries.inc({ remote: remoteLabel(remote) });
        log.debug(
          { remote: remoteLabel(remote), reason: maskedText(reason) },
          'a remote did not take samples; they are sent again',
        );
      },
    });
    place.follower.rewind();
    const queue = new ForwardQueue(remote, {
      clock,
      log,
      telemetry: this.#telemetry,
      follower: place.follower,
      tenant,
      external,
      labelsOf: store.labelsOf,
      metadataOf: (metric) =>
        remote.metadata_config.send && isSecondVersion(remote)
          ? familyOf(store.metadata.families(tenant), metric)
          : undefined,
      send: (body, stop) => sender.send(body, stop),
      resumeUpTo: place.sending > place.position ? place.sending : undefined,
      begin: async (sending) => {
        const { position, url } = place;
        // Before it is written, so that no save behind it says that nothing is being sent.
        place.sending = sending;
        await state.put(positionKind, tenant, name, { position, sending, url });
      },
      done: (position) => {
        place.position = position;
        place.sending = position;
      },
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

  async #save(): Promise<boolean> {
    const { state, tenant } = this.#deps;
    const writes = [...this.#places].flatMap(([key, { position, sending, url }]) => {
      const saved = state.get(positionKind, tenant, key)?.value;
      const isSaved = saved?.position === position && saved.sending === sending && saved.url === url;
      return isSaved ? [] : [{ kind: positionKind, tenant, key, value: { position, sending, url } }];
    });
    return await this.#write(writes);
  }

  /** What waited for a remote that is no longer wanted is let go of; what is written of it stays where its heir's place is not `isSaved`. */
  async #forget(wanted: ReadonlyMap<string, RemoteWriteConfig>, isSaved: boolean): Promise<void> {
    const { state, tenant } = this.#deps;
    for (const [name, { follower }] of this.#places) {
      if (wanted.has(name)) continue;
      follower.close();
      this.#places.delete(name);
      // Known by its name, or by what of its address may be shown.
      const remote = maskedText(name);
      this.#telemetry.behind.remove({ remote });
      this.#telemetry.newest.remove({ remote });
    }
    if (!isSaved) return;
    const gone = state.list(positionKind, tenant).filter(({ key }) => !wanted.has(key));
    await this.#write(gone.map(({ key }) => ({ kind: positionKind, tenant, key, value: undefined })));
  }

  async #write(writes: readonly StateWrite[]): Promise<boolean> {
    if (writes.length === 0) return true;
    try {
      await this.#deps.state.write(writes);
      return true;
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'the places of remotes in the journal could not be saved');
      return false;
    }
  }
}

/**
 * Which new name has the place of which old one: a remote is told by its address when its name changed, as long as only one remote
 * with that address went and only one came.
 */
function inherited(
  wanted: ReadonlyMap<string, RemoteWriteConfig>,
  known: ReadonlyMap<string, { readonly url?: string | undefined }>,
): ReadonlyMap<string, string> {
  const came = [...wanted].filter(([name]) => !known.has(name));
  const went = [...known].filter(([name]) => !wanted.has(name));
  const heirs = new Map<string, string>();
  for (const [name, { url }] of came) {
    // Until its address was kept, a remote without a name was known by it.
    const before = went.filter(([old, place]) => (place.url ?? old) === url);
    const [first] = before;
    if (first === undefined || before.length > 1) continue;
    if (came.filter(([, remote]) => remote.url === url).length === 1) heirs.set(name, first[0]);
  }
  return heirs;
}

function newcomer(position: Position): { readonly position: Position; readonly sending: Position } {
  return { position, sending: position };
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
