import type { z } from 'zod';
import type { Annotation } from '../annotations/index.ts';
import type { KnownBreaker, ServiceHealth, ServiceTransition } from '../health/index.ts';
import { iso } from '../http/times.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ServiceNames } from '../kernel/names.ts';
import {
  add,
  FAILED,
  goldenAt,
  linesBy,
  NO_GOLDEN,
  quantileOf,
  REQUESTS,
  rateOf,
  ratioLine,
} from './golden.ts';
import { gridFor, gridLength, type PromReader } from './reader.ts';
import type { change, summaryAnswer } from './shapes.ts';

/** What the overview reads; every part is another slice's published face. */
export interface OverviewSources {
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly reader: PromReader;
  readonly services: (tenant: string) => readonly ServiceHealth[];
  readonly transitions: (tenant: string, since: number) => Promise<readonly ServiceTransition[]>;
  readonly annotations: (tenant: string, from: number, to: number) => readonly Annotation[];
  /** Of the processes that run. */
  readonly breakers: (tenant: string) => Promise<readonly KnownBreaker[]>;
  /** Services that sent spans. */
  readonly traced: (tenant: string) => Promise<readonly string[]>;
  /** Which versions each service ran, as its spans say, the one seen last first; times in epoch ms. */
  readonly versions: (
    tenant: string,
  ) => ReadonlyMap<
    string,
    readonly { readonly version: string; readonly first: number; readonly last: number }[]
  >;
}

type Change = z.output<typeof change>;
const MAX_CHANGES = 50;
const HOUR_MS = 3_600_000;

/** Requests, rates, errors and latencies of everything, in one screen. */
export async function summarize(
  sources: OverviewSources,
  tenant: string,
  window: { readonly text: string; readonly ms: number },
  keep: (service: string) => boolean,
): Promise<z.output<typeof summaryAnswer>> {
  const now = sources.clock.now();
  const [current, previous, sparklines] = await Promise.all([
    goldenAt(sources.reader, sources.names, tenant, window.text, now),
    goldenAt(sources.reader, sources.names, tenant, window.text, now - window.ms),
    sparklinesOf(sources, tenant, now, Math.max(window.ms, HOUR_MS / 2)),
  ]);
  const health = new Map(sources.services(tenant).map((service) => [service.name, service.status]));
  const names = [...new Set([...health.keys(), ...current.services.keys()])].filter(keep).sort();
  return {
    timestamp: iso(now),
    window: window.text,
    totals: current.totals,
    previous: previous.totals,
    services: names.map((name) => ({
      name,
      status: health.get(name) ?? ('unknown' as const),
      ...(current.services.get(name) ?? NO_GOLDEN),
      previous: previous.services.get(name) ?? NO_GOLDEN,
      sparkline: sparklines(name),
    })),
    changes: await changesOf(sources, tenant, now, Math.max(window.ms, HOUR_MS), keep),
  };
}

async function sparklinesOf(sources: OverviewSources, tenant: string, now: number, windowMs: number) {
  const grid = gridFor(now, windowMs, 40);
  const rate = `${Math.max(60, Math.ceil(grid.step / 1000))}s`;
  const ask = (query: string) => sources.reader.range(tenant, query, grid);
  const [requests, failed, p95] = await Promise.all([
    ask(rateOf(REQUESTS, rate)),
    ask(rateOf(FAILED, rate)),
    ask(quantileOf(0.95, rate)),
  ]);
  const rates = linesBy(sources.names, requests, grid, add);
  const errors = linesBy(sources.names, failed, grid, add);
  const latencies = linesBy(sources.names, p95, grid, Math.max);
  const none = Array.from<null>({ length: gridLength(grid) }).fill(null);
  return (name: string) => {
    const requestRate = rates.get(name) ?? none;
    return {
      start: grid.start,
      step: grid.step,
      requestRate,
      errorRatio: ratioLine(errors.get(name), requestRate),
      p95: latencies.get(name) ?? none,
    };
  };
}

/** State changes and annotations of the window, newest first. */
async function changesOf(
  sources: OverviewSources,
  tenant: string,
  now: number,
  windowMs: number,
  keep: (service: string) => boolean,
): Promise<Change[]> {
  const states = (await sources.transitions(tenant, now - windowMs))
    .filter((t) => keep(t.service))
    .map((t): { readonly time: number; readonly change: Change } => ({
      time: t.at,
      change: {
        at: iso(t.at),
        kind: 'state',
        service: t.service,
        from: t.from,
        to: t.to,
        title: `${t.service} became ${t.to}`,
        text: t.reason,
      },
    }));
  const noted = sources
    .annotations(tenant, now - windowMs, now)
    .filter((a) => a.service === undefined || keep(a.service))
    .map((a): { readonly time: number; readonly change: Change } => ({
      time: a.time,
      change: {
        at: iso(a.time),
        kind: a.kind,
        ...(a.service === undefined ? {} : { service: a.service }),
        title: a.title,
        text: a.text,
      },
    }));
  return [...states, ...noted]
    .sort((a, b) => b.time - a.time)
    .slice(0, MAX_CHANGES)
    .map(({ change }) => change);
}
