import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { RelabelConfig } from '../relabel/config.ts';
import { BodyBuffers } from './body_buffers.ts';
import type { GlobalConfig, ScrapeConfig } from './config.ts';
import { Deadlines } from './deadlines.ts';
import { resolveJob, type ScrapeJob } from './job.ts';
import { ScrapePacer } from './pacer.ts';
import { cacheSize, type PoolDeps, ScrapePool } from './pool.ts';
import type { ActiveTarget, DroppedTarget, TargetListener, TargetRetriever } from './targets.ts';
import { createScrapeTelemetry } from './telemetry.ts';

export interface ScrapeConfiguration {
  readonly global: GlobalConfig;
  readonly scrapeConfigs: readonly ScrapeConfig[];
}

export type ScrapeManagerDeps = Omit<
  PoolDeps,
  'buffers' | 'pacer' | 'deadlines' | 'telemetry' | 'onScrape'
> & {
  readonly telemetry: Telemetry;
};

/** All scrape jobs: started, changed and stopped as configured. Jobs and targets that a new configuration leaves as they were go on undisturbed. */
export class ScrapeManager implements Service, TargetRetriever {
  readonly name = 'scrape';
  readonly dependsOn: readonly string[];
  readonly #poolDeps: PoolDeps;
  readonly #pools = new Map<string, ScrapePool>();
  /** Removed jobs whose targets' ends are not written yet. */
  readonly #retiring = new Map<string, ScrapePool>();
  readonly #listeners = new Set<TargetListener>();
  #configuration: ScrapeConfiguration;
  #running = false;

  constructor(
    configuration: ScrapeConfiguration,
    deps: ScrapeManagerDeps,
    dependsOn: readonly string[] = [],
  ) {
    this.#configuration = configuration;
    this.dependsOn = dependsOn;
    const telemetry = createScrapeTelemetry(deps.telemetry, {
      targets: () => this.#healthCounts(),
      limited: () => this.#limited(),
      cache: () => cacheSize([...this.#pools.values()].flatMap((pool) => [...pool.loops])),
    });
    this.#poolDeps = {
      ...deps,
      buffers: new BodyBuffers(),
      pacer: new ScrapePacer(deps.clock),
      deadlines: new Deadlines(deps.clock),
      telemetry,
      onScrape: (target, state, job) => {
        for (const listener of this.#listeners) listener(target, state, job);
      },
    };
  }

  start(): void {
    this.#running = true;
    this.#apply();
  }

  async stop(): Promise<void> {
    this.#running = false;
    const pools = [...this.#pools.values(), ...this.#retiring.values()];
    this.#pools.clear();
    this.#retiring.clear();
    await Promise.all(pools.map((pool) => pool.stop()));
  }

  /** Takes a validated configuration; effective at once when running. */
  applyConfig(configuration: ScrapeConfiguration): void {
    this.#configuration = configuration;
    if (this.#running) this.#apply();
  }

  /** Hears of every scrape until the answer is called. */
  onScrape(listener: TargetListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  scrapePools(): string[] {
    return [...this.#pools.keys()].sort();
  }

  activeTargets(): ActiveTarget[] {
    return this.#sorted().flatMap((pool) => pool.activeTargets());
  }

  /** What is scraped, job by job, for those who look often: nothing is made per target. The state is another object after each scrape. */
  visitTargets(visit: TargetListener): void {
    for (const pool of this.#sorted())
      for (const loop of pool.loops) visit(loop.target, loop.state, pool.job.name);
  }

  droppedTargets(): DroppedTarget[] {
    return this.#sorted().flatMap((pool) => pool.droppedTargets());
  }

  droppedTargetCounts(): Map<string, number> {
    return new Map(this.#sorted().map((pool) => [pool.job.name, pool.droppedCount]));
  }

  relabelRules(scrapePool: string): readonly RelabelConfig[] | undefined {
    return this.#pools.get(scrapePool)?.job.relabel;
  }

  #apply(): void {
    const { global, scrapeConfigs } = this.#configuration;
    const jobs = new Map(scrapeConfigs.map((config) => [config.job_name, resolveJob(global, config)]));
    for (const [name, pool] of this.#pools) {
      if (jobs.has(name)) continue;
      this.#pools.delete(name);
      this.#retiring.set(name, pool);
      pool.retire(() => this.#retiring.delete(name));
    }
    for (const [name, job] of jobs) {
      const pool = this.#pools.get(name);
      if (pool === undefined) this.#begin(job);
      else if (JSON.stringify(pool.job) !== JSON.stringify(job)) pool.reconfigure(job);
    }
  }

  #begin(job: ScrapeJob): void {
    const retiring = this.#retiring.get(job.name);
    this.#retiring.delete(job.name);
    const pool = retiring ?? new ScrapePool(job, this.#poolDeps);
    this.#pools.set(job.name, pool);
    if (retiring === undefined) pool.start();
    else pool.revive(job);
  }

  #sorted(): ScrapePool[] {
    return this.scrapePools().flatMap((name) => this.#pools.get(name) ?? []);
  }

  #limited(): { job: string; instance: string; limit: string }[] {
    return this.activeTargets().flatMap(({ labels, scrapePool, limits }) =>
      limits.map(({ limit }) => ({
        job: scrapePool,
        instance: labels.get('instance'),
        limit,
      })),
    );
  }

  #healthCounts(): { up: number; down: number; unknown: number } {
    const counts = { up: 0, down: 0, unknown: 0 };
    this.visitTargets((_, { health }) => counts[health]++);
    return counts;
  }
}
