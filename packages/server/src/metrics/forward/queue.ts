import { Labels, METRIC_NAME } from '@pharos/promql';
import { LRUCache } from 'lru-cache';
import type { JournalFollower, Position } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { createRelabeler, type Relabeler } from '../relabel/relabel.ts';
import {
  type RequestBuilder,
  WriteRequestBuilder,
  WriteRequestV2Builder,
} from '../remote-protocol/write-request.ts';
import type { MetricMetadata } from '../sink.ts';
import { keyText, type SeriesKey } from '../store/series-key.ts';
import { type Batch, gather, valuesOf, type Waiting } from './batch.ts';
import { isSecondVersion, type RemoteWriteConfig, remoteLabel } from './config.ts';
import type { Outcome } from './sender.ts';
import type { ForwardTelemetry } from './telemetry.ts';

export interface QueueDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: ForwardTelemetry;
  /** Stays its owner's, for the next queue. */
  readonly follower: JournalFollower;
  readonly tenant: string;
  /** `global.external_labels`. */
  readonly external: Readonly<Record<string, string>>;
  labelsOf(tenant: string, keys: readonly SeriesKey[]): Promise<ReadonlyMap<string, Labels>>;
  /** What is known of a metric, to be told with its series where the protocol does so. */
  metadataOf(metric: string): MetricMetadata | undefined;
  send(body: Uint8Array, stop: AbortSignal): Promise<Outcome>;
  /** Where an earlier queue was about to get to, when that is known: the same stretch makes the same requests. */
  readonly resumeUpTo: Position | undefined;
  /** Says durably what is about to be sent. */
  begin(upTo: Position): Promise<void>;
  /** Everything up to here was taken, refused for good, or not meant for the remote. */
  done(position: Position): void;
  /** Resolves when the journal may have more, or at the latest after a while. */
  more(stop: AbortSignal): Promise<void>;
}

/** Label sets as the remote gets them, kept between batches. */
const CACHED_SERIES = 100_000;
const BATCH_BYTES = 8 * 2 ** 20;
/** Each round costs a durable write, and samples come several times a second. */
const MOST_GATHER_MS = 1000;

/**
 * Sends what the journal holds on to one remote:
 *
 *   journal ─> a stretch ─> by series ─> labels, external labels, relabelling ─> shards by series ─> requests
 *      ^                                                                                              │
 *      └──────────────────── let go of, once every request was taken or refused for good ─────────────┘
 *
 * Nothing is lost by an end at any point: what was not let go of is read again. How far a stretch reaches is written down before it
 * is sent, so that it comes again as the same requests: a remote that refuses samples it has already (Prometheus does) would refuse
 * new ones in the same request with them.
 */
export class ForwardQueue {
  readonly #config: RemoteWriteConfig;
  readonly #deps: QueueDeps;
  readonly #remote: string;
  readonly #relabel: Relabeler;
  /** Null: dropped by relabelling. */
  readonly #labels = new LRUCache<string, { readonly labels: Labels | null }>({ max: CACHED_SERIES });
  readonly #stop = new AbortController();
  #resumeUpTo: Position | undefined;
  #running: Promise<void> | null = null;

  constructor(config: RemoteWriteConfig, deps: QueueDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#resumeUpTo = deps.resumeUpTo;
    this.#remote = remoteLabel(config);
    this.#relabel = createRelabeler(config.write_relabel_configs);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends requests under way; what they held is sent again by the next queue. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('forwarding stops'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log } = this.#deps;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if (await this.#round(signal)) continue;
        await this.#deps.more(signal);
        // Samples that come together go together.
        await this.#deps.clock.sleep(this.#gatherMs, signal).catch(() => {});
      } catch (error) {
        // The journal or the engine could not be read; the same stretch is tried again.
        log.warn({ remote: this.#remote, err: error }, 'forwarding waits: what is to be sent cannot be read');
        this.#deps.follower.rewind();
        await this.#deps.more(signal);
      }
    }
  }

  get #gatherMs(): number {
    return Math.min(MOST_GATHER_MS, this.#config.queue_config.batch_send_deadline);
  }

  /** False when nothing waits. */
  async #round(signal: AbortSignal): Promise<boolean> {
    const { follower, telemetry, done, tenant } = this.#deps;
    const { capacity, max_shards: shards } = this.#config.queue_config;
    const resumeUpTo = this.#resumeUpTo;
    const read = await follower.next({ rows: capacity, bytes: BATCH_BYTES }, resumeUpTo);
    const remote = this.#remote;
    if (read === null && resumeUpTo !== undefined) {
      this.#resumeUpTo = undefined;
      return true;
    }
    if (read === null) {
      telemetry.behind.set({ remote }, 0);
      return false;
    }
    if (read.skipped) telemetry.lost.inc({ remote });
    const batch = gather(read.frames, tenant, {
      histograms: this.#config.send_native_histograms,
      exemplars: this.#config.send_exemplars,
    });
    if (!this.#config.send_native_histograms && batch.histograms > 0)
      telemetry.dropped.inc({ remote, reason: 'unsupported' }, batch.histograms);
    await this.#resolve(batch);
    if (batch.series.size > 0) await this.#deps.begin(read.upTo);
    const lanes = this.#lanes(batch, shards);
    const outcomes = await Promise.all(lanes.map((lane) => this.#sendLane(lane, signal)));
    if (outcomes.includes(false)) return true;
    this.#resumeUpTo = undefined;
    done(read.upTo);
    follower.release(read.upTo);
    return true;
  }

  async #resolve({ series }: Batch): Promise<void> {
    const unknown = [...series.values()].filter(({ key }) => !this.#labels.has(keyText(key)));
    if (unknown.length === 0) return;
    const { tenant, external } = this.#deps;
    const keys = unknown.map(({ key }) => key);
    for (const [id, labels] of await this.#deps.labelsOf(tenant, keys)) {
      const changed = new Map([...Object.entries(external), ...labels.toMap()]);
      const kept = this.#relabel(changed);
      this.#labels.set(id, { labels: kept && changed.size > 0 ? Labels.fromMap(changed) : null });
    }
  }

  /** A series always goes the same lane, so that its samples stay in order. */
  #lanes({ series }: Batch, shards: number): Waiting[][] {
    const lanes: Waiting[][] = Array.from({ length: shards }, () => []);
    for (const waiting of series.values()) lanes[waiting.key.low % shards]?.push(waiting);
    return lanes.filter((lane) => lane.length > 0);
  }

  /** False when it was stopped before all was taken or refused. */
  async #sendLane(lane: readonly Waiting[], signal: AbortSignal): Promise<boolean> {
    const { max_samples_per_send: most } = this.#config.queue_config;
    const builder = this.#builder();
    let newest = 0;
    for (const waiting of lane) {
      newest = Math.max(newest, this.#add(builder, waiting));
      const { samples, exemplars } = builder.held;
      if (samples + exemplars >= most && !(await this.#send(builder, newest, signal))) return false;
    }
    const { samples, exemplars } = builder.held;
    return samples + exemplars === 0 || (await this.#send(builder, newest, signal));
  }

  #builder(): RequestBuilder {
    return isSecondVersion(this.#config) ? new WriteRequestV2Builder() : new WriteRequestBuilder();
  }

  /** Answers the newest time that was added. */
  #add(builder: RequestBuilder, waiting: Waiting): number {
    const { telemetry, clock } = this.#deps;
    const remote = this.#remote;
    const { sample_age_limit: limit } = this.#config.queue_config;
    const known = this.#labels.get(keyText(waiting.key));
    const labels = known?.labels ?? null;
    if (labels === null) {
      const reason = known === undefined ? 'unknown_series' : 'relabel';
      telemetry.dropped.inc({ remote, reason }, waiting.timestamps.length);
      return 0;
    }
    const oldest = limit === 0 ? Number.NEGATIVE_INFINITY : clock.now() - limit;
    const keep = [...waiting.timestamps.keys()].filter((i) => (waiting.timestamps[i] ?? 0) >= oldest);
    if (keep.length < waiting.timestamps.length)
      telemetry.dropped.inc({ remote, reason: 'age' }, waiting.timestamps.length - keep.length);
    const exemplars = waiting.exemplars
      .filter(({ timestamp }) => timestamp >= oldest)
      .sort((a, b) => a.timestamp - b.timestamp);
    // In 2.0 a series is nothing without samples.
    if (keep.length === 0 && (exemplars.length === 0 || isSecondVersion(this.#config))) return 0;
    keep.sort((a, b) => (waiting.timestamps[a] ?? 0) - (waiting.timestamps[b] ?? 0));
    const whole = valuesOf(waiting);
    const values = new Float64Array(keep.length);
    for (const [to, from] of keep.entries()) values.set(whole.subarray(from, from + 1), to);
    const timestamps = keep.map((i) => waiting.timestamps[i] ?? 0);
    const ofKept = <T>(values: readonly T[]): T[] => keep.flatMap((i) => values.slice(i, i + 1));
    builder.add({
      labels,
      timestamps,
      values,
      histograms: ofKept(waiting.histograms),
      starts: ofKept(waiting.starts),
      exemplars,
      metadata: this.#deps.metadataOf(labels.get(METRIC_NAME)),
    });
    const [first] = timestamps;
    if (first !== undefined) telemetry.behind.set({ remote }, Math.max(0, (clock.now() - first) / 1000));
    return timestamps.at(-1) ?? 0;
  }

  async #send(builder: RequestBuilder, newest: number, signal: AbortSignal): Promise<boolean> {
    const { telemetry, log } = this.#deps;
    const remote = this.#remote;
    const { samples, exemplars } = builder.held;
    const outcome = await this.#deps.send(builder.take(), signal);
    if (outcome.kind === 'stopped') return false;
    if (outcome.kind === 'taken') {
      telemetry.sent.inc({ remote }, samples);
      telemetry.exemplars.inc({ remote }, exemplars);
      if (samples > 0) telemetry.newest.set({ remote }, newest / 1000);
    } else {
      const taken = Math.min(samples, outcome.taken);
      telemetry.sent.inc({ remote }, taken);
      telemetry.dropped.inc({ remote, reason: 'rejected' }, samples - taken);
      log.warn(
        { remote, samples, reason: outcome.reason },
        'a remote refused samples for good; they are dropped',
      );
    }
    return true;
  }
}
