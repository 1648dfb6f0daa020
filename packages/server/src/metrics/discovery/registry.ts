import type { ScrapeConfig } from '../scrape/config.ts';
import { createFileDiscoverer, type FileDiscoveryDeps } from './file.ts';
import { createStaticDiscoverer } from './static.ts';
import type { Discoverer } from './types.ts';

/** What discoverers need from outside; each takes its part. */
export type DiscoveryDeps = FileDiscoveryDeps;

type DiscoveryKey = 'static_configs' | 'file_sd_configs';

/** One entry per mechanism: how to make the discoverers of a job. A new mechanism is one file and one entry here. */
const MECHANISMS: Readonly<
  Record<DiscoveryKey, (job: ScrapeConfig, deps: DiscoveryDeps) => readonly Discoverer[]>
> = {
  static_configs: (job) => [createStaticDiscoverer(job.static_configs)],
  file_sd_configs: (job, deps) => job.file_sd_configs.map((config) => createFileDiscoverer(config, deps)),
};

/** Every discoverer a job configures. */
export function createDiscoverers(job: ScrapeConfig, deps: DiscoveryDeps): Discoverer[] {
  return Object.values(MECHANISMS).flatMap((create) => create(job, deps));
}
