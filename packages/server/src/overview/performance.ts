import type { z } from 'zod';
import { iso } from '../http/times.ts';
import {
  add,
  FAILED,
  type Line,
  linesBy,
  maxBy,
  quantileOf,
  REQUESTS,
  rateOf,
  ratioLine,
  serviceOf,
  sumBy,
} from './golden.ts';
import { type Grid, gridFor, gridLength } from './reader.ts';
import type { performanceAnswer } from './shapes.ts';
import type { OverviewSources } from './summary.ts';

type Answer = z.output<typeof performanceAnswer>;
type Endpoint = Answer['services'][number]['slowestEndpoints'][number];

const SLOWEST = 10;
/** What services take of their machines: percent of a core, MB, seconds. */
export const SATURATION = {
  cpu: 'avg by (service, job) (cpu_percent)',
  memory: 'sum by (service, job) (memory_used_mb)',
  loopLag: 'max by (service, job) (nodejs_eventloop_lag_p99_seconds)',
} as const;

/** Percentiles over time, throughput, errors, slowest endpoints and saturation, per service. */
export async function performance(
  sources: OverviewSources,
  tenant: string,
  window: { readonly text: string; readonly ms: number; readonly end?: number | undefined },
  keep: (service: string) => boolean,
): Promise<Answer> {
  const now = window.end ?? sources.clock.now();
  const grid = gridFor(now, window.ms, 120);
  const rate = `${Math.max(60, Math.ceil(grid.step / 1000))}s`;
  const lines = async (
    query: string,
    combine: (a: number, b: number) => number,
  ): Promise<Map<string, Line>> =>
    linesBy(sources.names, await sources.reader.range(tenant, query, grid), grid, combine);
  const [p50, p95, p99, requests, failed, cpu, memory, lag, endpoints, last] = await Promise.all([
    lines(quantileOf(0.5, rate), Math.max),
    lines(quantileOf(0.95, rate), Math.max),
    lines(quantileOf(0.99, rate), Math.max),
    lines(rateOf(REQUESTS, rate), add),
    lines(rateOf(FAILED, rate), add),
    lines(SATURATION.cpu, Math.max),
    lines(SATURATION.memory, add),
    lines(SATURATION.loopLag, Math.max),
    slowest(sources, tenant, window.text, now),
    latestSaturation(sources, tenant, now),
  ]);
  const names = [...new Set([...sources.services(tenant).map((s) => s.name), ...requests.keys()])]
    .filter(keep)
    .sort();
  const at = onGrid(grid);
  return {
    timestamp: iso(now),
    window: window.text,
    services: names.map((name) => {
      const throughput = at.line(requests.get(name));
      return {
        name,
        percentiles: {
          ...at.head,
          p50: at.line(p50.get(name)),
          p95: at.line(p95.get(name)),
          p99: at.line(p99.get(name)),
        },
        throughput: { ...at.head, values: throughput },
        errors: { ...at.head, values: ratioLine(failed.get(name), throughput) },
        slowestEndpoints: endpoints.get(name) ?? [],
        saturation: {
          ...last(name),
          series: {
            ...at.head,
            cpuPercent: at.line(cpu.get(name)),
            memoryMb: at.line(memory.get(name)),
            eventLoopLagSeconds: at.line(lag.get(name)),
          },
        },
      };
    }),
  };
}

function onGrid(grid: Grid): {
  readonly head: { readonly start: number; readonly step: number };
  readonly line: (line: Line | undefined) => Line;
} {
  const none: Line = Array.from<null>({ length: gridLength(grid) }).fill(null);
  return { head: { start: grid.start, step: grid.step }, line: (line) => line ?? none };
}

async function latestSaturation(sources: OverviewSources, tenant: string, now: number) {
  const ask = (query: string) => sources.reader.instant(tenant, query, now);
  const [cpu, memory, lag] = await Promise.all([
    ask(SATURATION.cpu),
    ask(SATURATION.memory),
    ask(SATURATION.loopLag),
  ]);
  const [byCpu, byMemory, byLag] = [
    maxBy(sources.names, cpu),
    sumBy(sources.names, memory),
    maxBy(sources.names, lag),
  ];
  return (name: string) => ({
    cpuPercent: byCpu.get(name) ?? null,
    memoryMb: byMemory.get(name) ?? null,
    eventLoopLagSeconds: byLag.get(name) ?? null,
  });
}

/** The endpoints of each service with the highest p95, slowest first. */
async function slowest(
  sources: OverviewSources,
  tenant: string,
  window: string,
  now: number,
): Promise<Map<string, Endpoint[]>> {
  const by = 'service, job, method, route';
  const ask = (query: string) => sources.reader.instant(tenant, query, now);
  const [p95, requests, failed] = await Promise.all([
    ask(quantileOf(0.95, window, by)),
    ask(rateOf(REQUESTS, window, by)),
    ask(rateOf(FAILED, window, by)),
  ]);
  const endpointKey = (label: (name: string) => string): string =>
    ['service', 'job', 'method', 'route'].map(label).join('\u0000');
  const rates = new Map(requests.map((series) => [endpointKey(series.label), series.value]));
  const errors = new Map(failed.map((series) => [endpointKey(series.label), series.value]));
  const grouped = new Map<string, Endpoint[]>();
  for (const series of p95) {
    if (!Number.isFinite(series.value)) continue;
    const service = serviceOf(sources.names, series);
    const requestRate = rates.get(endpointKey(series.label)) ?? 0;
    const endpoint: Endpoint = {
      method: series.label('method'),
      route: series.label('route'),
      p95: series.value,
      requestRate,
      errorRatio: requestRate > 0 ? (errors.get(endpointKey(series.label)) ?? 0) / requestRate : null,
    };
    const list = grouped.get(service);
    if (list === undefined) grouped.set(service, [endpoint]);
    else list.push(endpoint);
  }
  for (const [service, list] of grouped)
    grouped.set(service, list.sort((a, b) => (b.p95 ?? 0) - (a.p95 ?? 0)).slice(0, SLOWEST));
  return grouped;
}
