import type { ScrapeConfig } from '../scrape/config.ts';
import { createDnsDiscoverer, type DnsDiscoveryDeps } from './dns.ts';
import { createDockerDiscoverer } from './docker.ts';
import { createFileDiscoverer, type FileDiscoveryDeps } from './file.ts';
import { createHttpDiscoverer, type HttpDiscoveryDeps } from './http.ts';
import { createKubernetesDiscoverer, type KubernetesDiscoveryDeps } from './kubernetes/kubernetes.ts';
import { createStaticDiscoverer } from './static.ts';
import type { Discoverer } from './types.ts';

/** What discoverers need from outside; each takes its part. */
export type DiscoveryDeps = FileDiscoveryDeps &
  HttpDiscoveryDeps &
  DnsDiscoveryDeps &
  KubernetesDiscoveryDeps;

type DiscoveryKey =
  | 'static_configs'
  | 'file_sd_configs'
  | 'http_sd_configs'
  | 'dns_sd_configs'
  | 'docker_sd_configs'
  | 'kubernetes_sd_configs';

/** One entry per mechanism: how to make the discoverers of a job. A new mechanism is one file and one entry here. */
const MECHANISMS: Readonly<
  Record<DiscoveryKey, (job: ScrapeConfig, deps: DiscoveryDeps) => readonly Discoverer[]>
> = {
  static_configs: (job) => [createStaticDiscoverer(job.static_configs)],
  file_sd_configs: (job, deps) => job.file_sd_configs.map((config) => createFileDiscoverer(config, deps)),
  http_sd_configs: (job, deps) => job.http_sd_configs.map((config) => createHttpDiscoverer(config, deps)),
  dns_sd_configs: (job, deps) => job.dns_sd_configs.map((config) => createDnsDiscoverer(config, deps)),
  docker_sd_configs: (job, deps) =>
    job.docker_sd_configs.map((config) => createDockerDiscoverer(config, deps)),
  kubernetes_sd_configs: (job, deps) =>
    job.kubernetes_sd_configs.map((config) => createKubernetesDiscoverer(config, deps)),
};

/** Every discoverer a job configures. */
export function createDiscoverers(job: ScrapeConfig, deps: DiscoveryDeps): Discoverer[] {
  return Object.values(MECHANISMS).flatMap((create) => create(job, deps));
}
