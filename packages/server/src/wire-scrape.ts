import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import type { PharosConfig } from './config.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import { systemRandom } from './kernel/random.ts';
import type { Service } from './kernel/services.ts';
import {
  createHttpFetcher,
  type MetricsStore,
  type ScrapeConfig,
  ScrapeManager,
  scrapeSection,
} from './metrics/index.ts';
import { answeringSelf, type SelfTarget } from './self-scrape.ts';
import type { HttpFront } from './wire-http.ts';
import type { Base } from './wire-storage.ts';

/** The job that scrapes Pharos itself. */
export const SELF_JOB = 'pharos';

/** Lets requests and timers run in the middle of a long parse. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What discovery and credentials are read from. */
export function outside() {
  return {
    readText: (path: string): Promise<string> => readFile(path, 'utf8'),
    resolver: new Resolver({ timeout: 5_000, tries: 2 }),
    env: process.env,
  };
}

export function wireScraping(
  { clock, log, telemetry }: Base,
  config: PharosConfig,
  store: MetricsStore,
  self: SelfTarget,
): ScrapeManager {
  return new ScrapeManager(
    { global: config.global, scrapeConfigs: [] },
    {
      clock,
      random: systemRandom,
      log,
      sink: store.sink,
      metadata: store.metadata,
      tenant: DEFAULT_TENANT,
      fetchers: (tls) => answeringSelf(createHttpFetcher(tls), self),
      ...outside(),
      breathe,
      targetSeriesLimit: config.metrics.target_series_limit,
      telemetry,
    },
  );
}

/** Scraping with Pharos itself among the targets, whose address is known once the door is open. */
export class Scraper {
  readonly #scraping: ScrapeManager;
  readonly #self: SelfTarget;
  readonly #config: PharosConfig;
  #own: readonly ScrapeConfig[] = [];

  constructor(scraping: ScrapeManager, self: SelfTarget, config: PharosConfig) {
    this.#scraping = scraping;
    this.#self = self;
    this.#config = config;
  }

  apply({ global, scrapes }: Pick<PharosConfig, 'global' | 'scrapes'>): void {
    this.#scraping.applyConfig({ global, scrapeConfigs: [...this.#own, ...scrapes] });
  }

  service(front: HttpFront, started: () => void): Service {
    return {
      name: 'scrape',
      dependsOn: ['http', 'metrics-store', 'flusher'],
      start: () => {
        const target = `127.0.0.1:${front.port}`;
        this.#self.url = `http://${target}/metrics`;
        if (this.#config.self.enabled)
          this.#own = scrapeSection.schema.parse([
            {
              job_name: SELF_JOB,
              scrape_interval: `${this.#config.self.interval}ms`,
              scrape_timeout: `${this.#config.self.interval}ms`,
              static_configs: [{ targets: [target] }],
            },
          ]);
        this.apply(this.#config);
        this.#scraping.start();
        started();
      },
      stop: () => this.#scraping.stop(),
    };
  }
}
