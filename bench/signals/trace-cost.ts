import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pharosSystem } from '../systems/pharos.ts';
import type { Verdict } from '../targets-met.ts';
import { pageOf, until } from '../wait.ts';
import { type DiskUse, diskUse, printDisk } from './disk.ts';
import { costs, type IngestFigures, ingest, prepare, printIngest } from './ingest.ts';
import { printMemory } from './memory.ts';
import { type TimedFigure, type TimedQuery, timeQueries } from './timed-queries.ts';
import { SPANS_PER_TRACE, type TracePlan, traceAt } from './traces.ts';

const WINDOW_MS = 2 * 3_600_000;
/** Ends so long ago: a minute's edges are stored when those after it are over. */
const SETTLED_MS = 5 * 60_000;

export interface TraceCost {
  readonly ingest: IngestFigures;
  readonly disk: DiskUse;
  readonly queries: readonly TimedFigure[];
}

/** The goals are of this many spans; fewer are for a quick look. */
const FULL = 1_000_000;

/** What spans of a shop cost to take, to keep and to find. */
export async function traceCost(spans: number, turns: number, verdicts: Verdict[]): Promise<TraceCost> {
  const directory = await mkdtemp(join(tmpdir(), 'pharos-bench-'));
  try {
    const start = Math.floor((Date.now() - WINDOW_MS - SETTLED_MS) / 60_000) * 60_000;
    const plan: TracePlan = { traces: Math.round(spans / SPANS_PER_TRACE), start, windowMs: WINDOW_MS };
    console.log(
      `\ntraces: ${plan.traces.toLocaleString('en-US')} of a shop over 2 hours, by OTLP (HTTP, protobuf)`,
    );
    const prepared = await prepare(directory, { kind: 'spans', plan, count: plan.traces });
    const running = await pharosSystem.start(directory, '');
    let stopped = false;
    try {
      const figures = await ingest(running, '/v1/traces', 'application/x-protobuf', prepared);
      await edgesStored(running.url);
      printIngest('span', prepared, figures);
      const queries = await timeQueries(running, warmUp(plan), queriesOf(plan, turns), verdicts);
      printMemory(await costs(running));
      await running.stop();
      stopped = true;
      const disk = await diskUse(directory, ['spans', 'span_sources', 'span_operations', 'span_edges']);
      printDisk(disk, prepared.rawBytes, prepared.rows);
      if (spans >= FULL)
        verdicts.push({ goal: '50,000 spans, seconds', most: 1, measured: 50_000 / figures.rowsPerSecond });
      verdicts.push({ goal: 'disk of spans, of raw', most: 0.2, measured: disk.bytes / prepared.rawBytes });
      return { ingest: figures, disk, queries };
    } finally {
      if (!stopped) await running.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function edgesStored(url: string): Promise<void> {
  await until('edges are stored', 1000, async () =>
    /^pharos_traces_edges_pending 0$/m.test(await pageOf(`${url}/metrics`)),
  );
}

const search = (plan: TracePlan, params: Readonly<Record<string, string>>): string =>
  `/api/traces?${new URLSearchParams({ start: `${plan.start}000`, end: `${plan.start + plan.windowMs}000`, limit: '20', ...params }).toString()}`;

const SEARCHED = ['gateway', 'catalog', 'order', 'payment', 'inventory', 'search', 'cart', 'user'] as const;

const operationOf: Readonly<Record<(typeof SEARCHED)[number], string>> = {
  gateway: 'POST /api/v1/orders',
  catalog: 'GET /products/:id',
  order: 'POST /orders',
  payment: 'POST /charges',
  inventory: 'GET /stock/:id',
  search: 'GET /search',
  cart: 'POST /carts/:id/items',
  user: 'GET /sessions/:id',
};

const serviceAt = (turn: number): (typeof SEARCHED)[number] => SEARCHED[turn % SEARCHED.length] ?? 'gateway';

/** Traces spread over all of them; those of orders have one from a number on. */
const spread = (plan: TracePlan, turns: number, from: number): number[] =>
  Array.from({ length: turns }, (_, turn) => Math.floor((plan.traces * (turn + from)) / turns));

function withOrder(plan: TracePlan, from: number): ReturnType<typeof traceAt> {
  for (let index = from; ; index = (index + 1) % plan.traces) {
    const trace = traceAt(plan, index);
    if (trace.spans.some(({ step }) => step.name === 'validate order')) return trace;
  }
}

function warmUp(plan: TracePlan): string[] {
  return spread(plan, 8, 0.3).flatMap((index, turn) => [
    `/api/traces/${traceAt(plan, index).traceId}`,
    search(plan, { service: serviceAt(turn), limit: '10' }),
    search(plan, { service: 'order', tags: JSON.stringify({ 'order.id': withOrder(plan, index).order }) }),
  ]);
}

function queriesOf(plan: TracePlan, turns: number): TimedQuery[] {
  const traces = spread(plan, turns, 0.6).map((index) => traceAt(plan, index));
  const orders = spread(plan, turns, 0.8).map((index) => withOrder(plan, index));
  const all = Array.from({ length: turns }, (_, turn) => turn);
  const byTurn = (params: (turn: number) => Readonly<Record<string, string>>): string[] =>
    all.map((turn) => search(plan, params(turn)));
  const anyTrace = (body: string): string | null => (body.includes('"traceID"') ? null : 'no trace');
  const holds = (wanted: readonly { readonly traceId: string }[]) => (body: string, at: number) =>
    body.includes(`"traceID":"${wanted[at]?.traceId}"`) ? null : `no trace ${wanted[at]?.traceId}`;
  const dependencies = all.map(
    (turn) => `/api/dependencies?endTs=${plan.start + plan.windowMs - turn * 60_000}&lookback=3600000`,
  );
  return [
    {
      name: 'trace by id',
      paths: traces.map(({ traceId }) => `/api/traces/${traceId}`),
      check: (body, at) => {
        const spans = body.split('"spanID":"').length - 1;
        return spans >= (traces[at]?.spans.length ?? 0) ? null : `only ${spans} spans`;
      },
      goalMs: 10,
    },
    {
      name: 'search: service',
      paths: byTurn((turn) => ({ service: serviceAt(turn) })),
      check: anyTrace,
      goalMs: 80,
    },
    {
      name: 'search: service and operation',
      paths: byTurn((turn) => ({ service: serviceAt(turn), operation: operationOf[serviceAt(turn)] })),
      check: anyTrace,
      goalMs: 80,
    },
    {
      name: 'search: slow ones of a service',
      paths: byTurn((turn) => ({ service: serviceAt(turn), minDuration: `${40 + turn}ms` })),
      check: () => null,
      goalMs: 80,
    },
    {
      name: 'search: failed ones of a service',
      paths: byTurn((turn) => ({ service: serviceAt(turn), tags: '{"error":"true"}' })),
      check: anyTrace,
      goalMs: 80,
    },
    {
      name: 'search: a status code of a service',
      paths: byTurn((turn) => ({ service: serviceAt(turn), tags: '{"http.response.status_code":"409"}' })),
      check: anyTrace,
      goalMs: 80,
    },
    {
      name: 'search: an attribute that one trace has',
      paths: orders.map(({ order }) =>
        search(plan, { service: 'order', tags: JSON.stringify({ 'order.id': order }) }),
      ),
      check: holds(orders),
      goalMs: 80,
    },
    {
      name: 'dependency graph of an hour',
      paths: dependencies,
      check: (body) => (body.includes('"callCount"') ? null : 'no calls'),
      goalMs: 50,
    },
  ];
}
