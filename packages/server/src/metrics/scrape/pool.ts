import type { Labels } from '@pharos/promql';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { DnsResolver } from '../discovery/dns.ts';
import { createDiscoverers } from '../discovery/registry.ts';
import type { Discoverer, TargetGroup } from '../discovery/types.ts';
import type { ReadText } from '../http-client/headers.ts';
import { createRelabeler } from '../relabel/relabel.ts';
import type { MetadataSink, SampleSink } from '../sink.ts';
import { TargetSeries } from './append.ts';
import type { BodyBuffers } from './body_buffers.ts';
import type { Deadlines } from './deadlines.ts';
import { durationText } from './duration.ts';
import { scrapeErrors } from './errors.ts';
import type { FetcherFactory, HttpFetcher } from './fetcher.ts';
import type { ScrapeJob } from './job.ts';
import { createLabeler } from './labels.ts';
import { ScrapeLoop } from './loop.ts';
import { MetadataCache } from './metadata_cache.ts';
import type { ScrapePacer } from './pacer.ts';
import { SeriesBudget } from './series_budget.ts';
import { buildTarget, type TargetSpec } from './target.ts';
import type { ActiveTarget, DroppedTarget, TargetListener } from './targets.ts';
import type { ScrapeTelemetry } from './telemetry.ts';

export interface PoolDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sink: SampleSink;
  readonly metadata: MetadataSink;
  readonly tenant: string;
  readonly fetchers: FetcherFactory;
  /** Of all jobs together: many jobs of few targets would otherwise each keep the memory of a body. */
  readonly buffers: BodyBuffers;
  /** Of all jobs together, so that they share its wake-ups. */
  readonly pacer: ScrapePacer;
  /** Of all jobs together: the timeouts of their scrapes. */
  readonly deadlines: Deadlines;
  readonly readText: ReadText;
  /** For targets found in the DNS. */
  readonly resolver: DnsResolver;
  /** The environment, which tells in which cluster this process runs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly breathe: () => Promise<void>;
  /** Series one target may bring. */
  readonly targetSeriesLimit: number;
  readonly telemetry: ScrapeTelemetry;
  readonly onScrape: TargetListener;
}

interface EndingTarget {
  readonly loop: ScrapeLoop;
  readonly timer: Timer;
}

/** The targets of one job: follows its discoveries and keeps one loop per target. */
export class ScrapePool {
  readonly #deps: PoolDeps;
  #job: ScrapeJob;
  #fetcher: HttpFetcher;
  #discoverers: readonly Discoverer[] = [];
  #groups: (readonly TargetGroup[] | null)[] = [];
  readonly #loops = new Map<string, ScrapeLoop>();
  /** Removed targets whose end is not written yet. */
  readonly #ending = new Map<string, EndingTarget>();
  readonly #stopping = new Set<Promise<void>>();
  /** Set while the job is removed and waits for its targets' ends. */
  #retired: (() => void) | null = null;
  #dropped: Labels[] = [];
  #droppedCount = 0;

  constructor(job: ScrapeJob, deps: PoolDeps) {
    this.#job = job;
    this.#deps = deps;
    this.#fetcher = deps.fetchers(job.config.tls_config);
  }

  get job(): ScrapeJob {
    return this.#job;
  }

  get loops(): Iterable<ScrapeLoop> {
    return this.#loops.values();
  }

  start(): void {
    this.#discover();
  }

  /** Takes a changed job: targets that stay keep their series, and their schedule when the timing stays. */
  reconfigure(job: ScrapeJob): void {
    const before = this.#job;
    this.#job = job;
    if (JSON.stringify(before.config.tls_config) !== JSON.stringify(job.config.tls_config)) {
      const old = this.#fetcher;
      this.#fetcher = this.#deps.fetchers(job.config.tls_config);
      this.#track(Promise.all([...this.#loops.values()].map((loop) => loop.stop())).then(() => old.close()));
    }
    this.#discover();
  }

  /** Ends all loops without marking anything stale: a restart goes on where this ended. */
  async stop(): Promise<void> {
    for (const discoverer of this.#discoverers) discoverer.stop();
    for (const { timer } of this.#ending.values()) timer.cancel();
    await Promise.all([...[...this.#loops.values()].map((loop) => loop.stop()), ...this.#stopping]);
    await this.#fetcher.close();
  }

  /** Removes the job: its targets end as removed ones do. `done` is called when the last end is written. */
  retire(done: () => void): void {
    for (const discoverer of this.#discoverers) discoverer.stop();
    // A discoverer that still speaks is not heard any more.
    this.#groups = [];
    this.#retired = done;
    for (const loop of this.#loops.values()) this.#end(loop);
    this.#loops.clear();
    this.#closeWhenEnded();
  }

  /** Brings a removed job back before all its targets ended: those that it has again go on. */
  revive(job: ScrapeJob): void {
    this.#retired = null;
    this.reconfigure(job);
  }

  activeTargets(): ActiveTarget[] {
    return [...this.#loops.values()].map(({ target, state, series }) => ({
      labels: target.labels,
      discoveredLabels: target.discoveredLabels,
      scrapePool: this.#job.name,
      scrapeUrl: target.url,
      globalUrl: target.url,
      lastError: state.lastError,
      lastScrape: state.lastScrape,
      lastScrapeDuration: state.lastDurationMs / 1000,
      health: state.health,
      scrapeInterval: durationText(target.intervalMs),
      scrapeTimeout: durationText(target.timeoutMs),
      metadata: series.metadata,
      series: series.size.series,
      limits: state.limits,
    }));
  }

  droppedTargets(): DroppedTarget[] {
    return this.#dropped.map((discoveredLabels) => ({ discoveredLabels, scrapePool: this.#job.name }));
  }

  get droppedCount(): number {
    return this.#droppedCount;
  }

  #discover(): void {
    for (const discoverer of this.#discoverers) discoverer.stop();
    const { clock, random, log, readText, resolver, env, telemetry } = this.#deps;
    const discoverers = createDiscoverers(this.#job.config, {
      clock,
      random,
      log,
      readText,
      resolver,
      env,
      onFailure: (mechanism) => telemetry.discoveryFailed(mechanism),
    });
    const groups: (readonly TargetGroup[] | null)[] = discoverers.map(() => null);
    this.#discoverers = discoverers;
    this.#groups = groups;
    discoverers.forEach((discoverer, i) => {
      discoverer.start((found) => {
        if (this.#groups !== groups) return;
        groups[i] = found;
        // Until every source has spoken once, a missing target may only be late.
        if (groups.every((known) => known !== null)) this.#sync(groups.flatMap((known) => known ?? []));
      });
    });
  }

  #sync(groups: readonly TargetGroup[]): void {
    const wanted = this.#wanted(groups);
    for (const [key, loop] of this.#loops) {
      if (wanted.has(key)) continue;
      this.#loops.delete(key);
      this.#end(loop);
    }
    for (const [key, target] of wanted) {
      const running = this.#loops.get(key);
      if (running?.job === this.#job && sameTarget(running.target, target)) continue;
      this.#loops.set(key, this.#begin(target, running ?? this.#revive(key)));
    }
  }

  #wanted(groups: readonly TargetGroup[]): Map<string, TargetSpec> {
    const relabel = createRelabeler(this.#job.relabel);
    const wanted = new Map<string, TargetSpec>();
    this.#dropped = [];
    this.#droppedCount = 0;
    for (const group of groups) {
      for (const own of group.targets) {
        const result = buildTarget(this.#job, group, own, relabel);
        if (result.kind === 'target') {
          if (!wanted.has(result.target.key)) wanted.set(result.target.key, result.target);
        } else if (result.kind === 'dropped') {
          this.#droppedCount++;
          if (this.#dropped.length < this.#job.keepDroppedTargets)
            this.#dropped.push(result.discoveredLabels);
        } else {
          this.#deps.log.warn(
            {
              job: this.#job.name,
              source: group.source,
              target: own['__address__'] ?? '',
              error: result.message,
            },
            'a discovered target is not valid',
          );
        }
      }
    }
    return wanted;
  }

  /** Starts a loop, after the one it replaces has ended and handed over its live series. */
  #begin(target: TargetSpec, replaced: ScrapeLoop | undefined): ScrapeLoop {
    const { clock, sink, tenant, readText, buffers, pacer, deadlines, telemetry, log, onScrape } = this.#deps;
    const job = this.#job;
    const series = this.#createSeries(target);
    const loop = new ScrapeLoop(target, job, series, {
      clock,
      sink,
      tenant,
      readText,
      telemetry,
      log,
      fetcher: this.#fetcher,
      buffers,
      pacer,
      deadlines,
      refusal: () => this.#refusal(),
      onScrape: (scraped, state) => onScrape(scraped, state, job.name),
    });
    if (replaced === undefined) loop.start();
    else {
      this.#track(
        replaced.stop().then(() => {
          loop.continueFrom(replaced);
          loop.start();
        }),
      );
    }
    return loop;
  }

  #createSeries(target: TargetSpec): TargetSeries {
    const { clock, random, metadata, tenant, breathe, targetSeriesLimit } = this.#deps;
    const job = this.#job;
    const seed = (): number => Math.floor(random() * 2 ** 32);
    const labeler = createLabeler({
      target: target.labels,
      honorLabels: job.config.honor_labels,
      relabel: job.metricRelabel.length === 0 ? null : createRelabeler(job.metricRelabel),
      limits: job.labelLimits,
    });
    const policy = {
      labeler,
      honorTimestamps: job.config.honor_timestamps,
      trackTimestamps: job.config.track_timestamps_staleness,
      sampleLimit: job.sampleLimit,
      seriesBudget: new SeriesBudget(targetSeriesLimit, () => clock.monotonic()),
      breathe,
    };
    return new TargetSeries(policy, new MetadataCache(metadata, tenant, seed()), seed());
  }

  #refusal(): ReturnType<typeof scrapeErrors.make> | null {
    const { targetLimit, name } = this.#job;
    if (targetLimit === 0 || this.#loops.size <= targetLimit) return null;
    return scrapeErrors.make(
      'target_limit',
      `target_limit exceeded (job: ${name}, number of targets: ${this.#loops.size}, limit: ${targetLimit})`,
    );
  }

  #closeWhenEnded(): void {
    const done = this.#retired;
    if (done === null || this.#ending.size > 0) return;
    this.#retired = null;
    this.#track(this.#fetcher.close());
    done();
  }

  #end(loop: ScrapeLoop): void {
    const { key } = loop.target;
    const timer = loop.scheduleEnd(() => {
      if (this.#ending.get(key)?.loop === loop) this.#ending.delete(key);
      this.#closeWhenEnded();
    });
    this.#ending.set(key, { loop, timer });
    this.#track(loop.stop());
  }

  /** The loop of a removed target that came back before its end was written. */
  #revive(key: string): ScrapeLoop | undefined {
    const ending = this.#ending.get(key);
    if (ending === undefined) return undefined;
    ending.timer.cancel();
    this.#ending.delete(key);
    return ending.loop;
  }

  #track(work: Promise<void>): void {
    this.#stopping.add(work);
    void work.finally(() => this.#stopping.delete(work));
  }
}

function sameTarget(a: TargetSpec, b: TargetSpec): boolean {
  return (
    a.intervalMs === b.intervalMs &&
    a.timeoutMs === b.timeoutMs &&
    a.discoveredLabels.key === b.discoveredLabels.key
  );
}

/** The live series of a set of loops, for sizes. */
export function cacheSize(loops: Iterable<ScrapeLoop>): { series: number; bytes: number } {
  let series = 0;
  let bytes = 0;
  for (const loop of loops) {
    series += loop.series.size.series;
    bytes += loop.series.size.bytes;
  }
  return { series, bytes };
}
