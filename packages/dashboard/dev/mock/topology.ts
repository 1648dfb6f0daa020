import { namesOf, type Scenario, seedOf, statusOf, wave } from './world.ts';

const MINUTE = 60_000;

type Pair = readonly [source: string, target: string];

const SHOP: readonly Pair[] = [
  ['auth', 'database:sqlite/auth'],
  ['auth', 'user'],
  ['catalog', 'database:sqlite/catalog'],
  ['gateway', 'auth'],
  ['gateway', 'catalog'],
  ['gateway', 'order'],
  ['gateway', 'user'],
  ['order', 'catalog'],
  ['order', 'database:sqlite/order'],
  ['order', 'messaging:kafka'],
  ['order', 'external:pay.example.com'],
  ['order', 'user'],
  ['user', 'database:sqlite/user'],
];

/** Two hundred services in five rows behind each other, and a store of every second one. */
function many(names: readonly string[]): readonly Pair[] {
  const row = Math.ceil(names.length / 5);
  return names.flatMap((name, index) => {
    const called = [0, 1, 2]
      .slice(0, 1 + (seedOf(name) % 3))
      .map((n) => names[(Math.floor(index / row) + 1) * row + (seedOf(`${name}${n}`) % row)])
      .filter((other) => other !== undefined);
    const stores = index % 2 === 0 ? [`database:postgresql/${name}`] : [];
    return [...new Set([...called, ...stores])].map((other): Pair => [name, other]);
  });
}

function figuresOf(scenario: Scenario, key: string, target: string, at: number, seconds: number) {
  const status = statusOf(scenario, target);
  const rate = (1 + (seedOf(key) % 30)) * (0.75 + wave(key, at) * 0.5);
  const ratio = status === 'unhealthy' ? 0.14 : status === 'degraded' ? 0.03 : 0;
  const calls = Math.round(rate * seconds);
  const p50 = 0.004 + (seedOf(`${key}l`) % 30) / 1000 + (status === 'healthy' ? 0 : 0.08);
  const latencies = { mean: p50 * 1.3, p50, p95: p50 * 3.4, p99: p50 * 6 };
  return { calls, errors: Math.round(calls * ratio), rate, error_ratio: ratio, ...latencies };
}

function boundsOf(url: URL, now: number) {
  const of = (name: string): number => Number(url.searchParams.get(name) ?? Number.NaN);
  const window = Number(/^(\d+)s$/.exec(url.searchParams.get('window') ?? '')?.[1] ?? 300) * 1000;
  const to = Number.isFinite(of('end')) ? of('end') : now;
  const from = Number.isFinite(of('start')) ? of('start') : to - window;
  return { from: Math.floor(from / MINUTE) * MINUTE, to };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** `/api/v1/topology` and its steps. An hour ago the order service did not pay yet. */
export function topologyAnswer(scenario: Scenario, url: URL, now: number): unknown {
  const { from, to } = boundsOf(url, now);
  const all = scenario === 'large' ? many(namesOf(scenario)) : scenario === 'empty' ? [] : SHOP;
  const pairs = all.filter(([, target]) => !target.startsWith('external:') || to > now - 3_600_000);
  const bounds = { timestamp: iso(now), start: iso(from), end: iso(to) };
  if (url.pathname.endsWith('/steps')) {
    const target = url.searchParams.get('target') ?? 'all';
    const points = Array.from({ length: Math.ceil((to - from) / MINUTE) }, (_, index) => {
      const at = from + index * MINUTE;
      return { at: iso(at), ...figuresOf(scenario, target, target, at, 60) };
    });
    return { ...bounds, step: 60, points: pairs.length === 0 ? [] : points };
  }
  const seconds = (to - from) / 1000;
  const edges = pairs.map(([source, target]) => ({
    source,
    target,
    ...figuresOf(scenario, `${source} ${target}`, target, to, seconds),
  }));
  const nodes = [...new Set(pairs.flat())].toSorted().map((id) => {
    const [, type = 'service', name = id] = /^(database|messaging|external):(.*)$/.exec(id) ?? [];
    return { id, name, type, ...figuresOf(scenario, id, id, to, seconds) };
  });
  return { ...bounds, nodes, edges };
}
