import type { z } from 'zod';
import { iso } from '../http/times.ts';
import { maskedText } from '../kernel/config/mask.ts';
import type { ServiceNames } from '../kernel/names.ts';
import type { ActiveTarget, TargetRetriever } from '../metrics/index.ts';
import type { targetsAnswer, targetsQuery } from './shapes.ts';

type Answer = Pick<z.output<typeof targetsAnswer>, 'services' | 'pools' | 'total' | 'truncated'>;
type Query = Pick<z.output<typeof targetsQuery>, 'pool' | 'health' | 'limit'>;
type Counts = Record<ActiveTarget['health'], number>;

/** Every scrape job with its targets and their state; counts are of all that match, targets of as many as asked for. */
export function targetsView(
  targets: TargetRetriever,
  names: ServiceNames,
  query: Query,
  keep: (service: string) => boolean,
): Answer {
  const dropped = targets.droppedTargetCounts();
  const services = new Map<string, Counts>();
  const pools = new Map<string, Answer['pools'][number]>(
    targets
      .scrapePools()
      .filter((name) => query.pool === undefined || query.pool === name)
      .map((name) => [name, { name, ...noCounts(), dropped: dropped.get(name) ?? 0, targets: [] }]),
  );
  let total = 0;
  for (const target of targets.activeTargets()) {
    const pool = pools.get(target.scrapePool);
    if (pool === undefined || (query.health !== undefined && query.health !== target.health)) continue;
    const service = names.of((label) => target.labels.get(label) || undefined) ?? target.scrapePool;
    if (!keep(service)) continue;
    pool[target.health]++;
    const counts = services.get(service) ?? noCounts();
    counts[target.health]++;
    services.set(service, counts);
    if (total++ < query.limit) pool.targets.push(shown(target, service));
  }
  return {
    services: [...services]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, counts]) => ({ name, ...counts })),
    pools: [...pools.values()],
    total,
    truncated: total > query.limit,
  };
}

function noCounts(): Counts {
  return { up: 0, down: 0, unknown: 0 };
}

function shown(target: ActiveTarget, service: string): Answer['pools'][number]['targets'][number] {
  return {
    service,
    instance: target.labels.get('instance'),
    url: maskedText(target.scrapeUrl),
    health: target.health,
    lastScrape: target.lastScrape === null ? null : iso(target.lastScrape),
    lastDurationSeconds: target.lastScrapeDuration,
    lastError: maskedText(target.lastError),
    interval: target.scrapeInterval,
    timeout: target.scrapeTimeout,
    series: target.series,
    limits: target.limits.map(({ limit }) => limit),
  };
}
