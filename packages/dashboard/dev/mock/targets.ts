import { namesOf, type Scenario, seedOf, statusOf } from './world.ts';

/** The answer of `/api/v1/targets`: 5,000 targets in the large scenario. */
export function targets(scenario: Scenario, now: number) {
  // Many times over in the large scenario: 5,000 targets.
  const names = Array.from({ length: scenario === 'large' ? 25 : 1 }, () => namesOf(scenario)).flat();
  const activeTargets = names.map((name, index) => {
    const down = statusOf(scenario, name) === 'unhealthy';
    return {
      discoveredLabels: { __address__: `127.0.0.1:${8002 + index * 2}`, __scheme__: 'http', job: name },
      labels: { job: name, instance: `127.0.0.1:${8002 + index * 2}` },
      scrapePool: scenario === 'large' ? (name.split('-')[0] ?? '') : 'shop',
      scrapeUrl: `http://127.0.0.1:${8002 + index * 2}/metrics`,
      globalUrl: '',
      lastError: down ? 'connect ECONNREFUSED 127.0.0.1:8004' : '',
      lastScrape: new Date(now - 1000 - (seedOf(name) % 4000)).toISOString(),
      lastScrapeDuration: down ? 0.0004 : 0.004 + (seedOf(name) % 9) / 1000,
      health: down ? 'down' : 'up',
      scrapeInterval: '5s',
      scrapeTimeout: '4s',
      series: 1180,
      ...(name === 'web-03'
        ? { limits: [{ limit: 'target_series_limit', samples: 5000, message: 'more than 200,000 series' }] }
        : {}),
    };
  });
  const droppedTargets =
    scenario === 'empty'
      ? []
      : [{ scrapePool: 'shop', discoveredLabels: { __address__: '10.0.0.9:9100', __meta_kind: 'Pod' } }];
  return {
    status: 'success',
    data: { activeTargets, droppedTargets, droppedTargetCounts: { shop: droppedTargets.length * 3 } },
  };
}
