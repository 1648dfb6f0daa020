import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { iso, type WindowQuery, windowQuery } from '../../http/times.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { spikeOf, stepOf, type Totals, totalsOf } from '../analysis.ts';
import { ERROR_TYPES, SEVERITIES } from '../kinds.ts';
import type { ErrorStore } from '../store/store.ts';
import { parsePlace } from './event-pages.ts';
import { listText } from './params.ts';
import { eventSummary, groupShape, renderEvent, renderGroup } from './shapes.ts';

export interface AnalysisApiOptions {
  readonly store: Pick<ErrorStore, 'groups' | 'reader'>;
  readonly clock: Clock;
  readonly names: ServiceNames;
}

const type = z.enum(ERROR_TYPES);
const severity = z.enum(SEVERITIES);
const rated = {
  count: z.number(),
  rate_per_minute: z.number(),
  share: z.number().describe('Of all errors, 0..1.'),
};
const head = { timestamp: z.string(), window: z.string(), warnings: z.array(z.string()) };

/** `GET /api/errors/analysis`, `GET /monitoring/errors/stats` and `/details`. */
export function errorAnalysisApi(options: AnalysisApiOptions): ApiModule {
  return {
    name: 'error-analysis',
    renderError: renderPharosError,
    register(app) {
      analysisRoute(app, options);
      statsRoute(app, options);
      detailsRoute(app, options);
    },
  };
}

interface Window {
  readonly now: number;
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly totals: Totals;
  readonly warnings: readonly string[];
}

async function windowOf(
  { store, clock, names }: AnalysisApiOptions,
  tenant: string,
  query: WindowQuery,
  signal: AbortSignal,
): Promise<Window> {
  const now = clock.now();
  // Times begin in 1970; before, there is nothing to count.
  const to = Math.max(query.end ?? now, query.window.ms);
  const from = to - query.window.ms;
  const step = stepOf(query.window.ms);
  const services = query.service?.map((name) => names.canonical(name));
  const { counts, warnings } = await store.reader.counts({ tenant, from, to, services }, step, signal);
  return { now, from, to, step, totals: totalsOf(counts, from, to - from, step), warnings };
}

const MOST_GROUPS = 50;

const analysisAnswer = z.object({
  ...head,
  services: z.array(z.object({ service: z.string(), ...rated, types: z.record(z.string(), z.number()) })),
  total: z.number(),
  rate_per_minute: z.number(),
  types: z.array(z.object({ type, ...rated })),
  severities: z.array(z.object({ severity, ...rated })),
  trend: z.object({ start: z.string(), step_seconds: z.number(), counts: z.array(z.number()) }),
  groups: z
    .array(groupShape.extend({ window_count: z.number(), window_rate_per_minute: z.number() }))
    .describe('Those with most errors in the window, at most 50.'),
  new_groups: z.array(z.string()).describe('Ids of groups that were first seen in the window.'),
  regressed_groups: z.array(z.string()).describe('Ids of resolved groups that returned in the window.'),
  spikes: z.array(
    z.object({
      group: z.string(),
      title: z.string(),
      count: z.number(),
      expected: z.number(),
      factor: z.number(),
    }),
  ),
});

function analysisRoute(app: HttpApp, options: AnalysisApiOptions): void {
  app.get(
    '/api/errors/analysis',
    {
      schema: {
        tags: ['errors'],
        summary: 'Groups, types, rates and spikes of errors in a window',
        querystring: windowQuery,
        response: { 200: analysisAnswer },
      },
    },
    async ({ tenant, query, signal }) => {
      const window = await windowOf(options, tenant, query, signal);
      const { now, from, to, step, totals } = window;
      const minutes = (to - from) / 60_000;
      return {
        timestamp: iso(now),
        window: query.window.text,
        warnings: [...window.warnings],
        services: [...totals.byService].map(([service, count]) => ({
          service,
          ...ratedOf(count, totals.total, minutes),
          types: typesOf(totals, service),
        })),
        total: totals.total,
        rate_per_minute: totals.rate,
        types: [...totals.byType].map(([name, count]) => ({
          type: name,
          ...ratedOf(count, totals.total, minutes),
        })),
        severities: [...totals.bySeverity].map(([name, count]) => ({
          severity: name,
          ...ratedOf(count, totals.total, minutes),
        })),
        trend: {
          start: iso(Math.floor(from / step) * step),
          step_seconds: step / 1000,
          counts: [...totals.trend],
        },
        ...groupsOf(options, tenant, window),
      };
    },
  );
}

/** What the groups of a window say: most errors first. */
function groupsOf(
  { store }: AnalysisApiOptions,
  tenant: string,
  { now, from, to, totals }: Window,
): Pick<z.input<typeof analysisAnswer>, 'groups' | 'new_groups' | 'regressed_groups' | 'spikes'> {
  const minutes = (to - from) / 60_000;
  const seen = [...totals.byGroup]
    .flatMap(([id, count]) => {
      const group = store.groups.find(tenant, id);
      return group === undefined ? [] : [{ group, count }];
    })
    .sort((a, b) => b.count - a.count || (a.group.id < b.group.id ? -1 : 1));
  return {
    groups: seen.slice(0, MOST_GROUPS).map(({ group, count }) => ({
      ...renderGroup(group, now),
      window_count: count,
      window_rate_per_minute: count / minutes,
    })),
    new_groups: seen.filter(({ group }) => group.firstSeen >= from).map(({ group }) => group.id),
    regressed_groups: seen
      .filter(({ group: { state } }) => state.status === 'regressed' && state.at >= from)
      .map(({ group }) => group.id),
    spikes: seen.flatMap(({ group, count }) => {
      const spike = spikeOf(group, count, from, to - from);
      if (spike === null) return [];
      const { expected, factor } = spike;
      return [{ group: group.id, title: `${group.name}: ${group.message}`, count, expected, factor }];
    }),
  };
}

function typesOf(totals: Totals, service: string): Record<string, number> {
  const types = new Map<string, number>();
  for (const entry of totals.combined)
    if (entry.service === service) types.set(entry.type, (types.get(entry.type) ?? 0) + entry.count);
  return Object.fromEntries(types);
}

function ratedOf(count: number, total: number, minutes: number) {
  return { count, rate_per_minute: count / minutes, share: total === 0 ? 0 : count / total };
}

function statsRoute(app: HttpApp, options: AnalysisApiOptions): void {
  app.get(
    '/monitoring/errors/stats',
    {
      schema: {
        tags: ['errors'],
        summary: 'How many errors, by service, type and severity',
        querystring: windowQuery,
        response: {
          200: z.object({
            ...head,
            total: z.number(),
            rate_per_minute: z.number(),
            by_service: z.record(z.string(), z.number()),
            by_type: z.record(z.string(), z.number()),
            by_severity: z.record(z.string(), z.number()),
            counts: z.array(
              z.object({
                service: z.string(),
                type,
                severity,
                count: z.number(),
                rate_per_minute: z.number(),
              }),
            ),
          }),
        },
      },
    },
    async ({ tenant, query, signal }) => {
      const { now, from, to, totals, warnings } = await windowOf(options, tenant, query, signal);
      const minutes = (to - from) / 60_000;
      return {
        timestamp: iso(now),
        window: query.window.text,
        warnings: [...warnings],
        total: totals.total,
        rate_per_minute: totals.rate,
        by_service: Object.fromEntries(totals.byService),
        by_type: Object.fromEntries(totals.byType),
        by_severity: Object.fromEntries(totals.bySeverity),
        counts: totals.combined.map((entry) => ({ ...entry, rate_per_minute: entry.count / minutes })),
      };
    },
  );
}

const detailsQuery = windowQuery.extend({
  type: listText('Only these types.').pipe(z.array(type).optional()),
  severity: listText('Only these severities.').pipe(z.array(severity).optional()),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(100).optional().describe('`next` of the answer before.'),
});

function detailsRoute(app: HttpApp, { store, clock, names }: AnalysisApiOptions): void {
  app.get(
    '/monitoring/errors/details',
    {
      schema: {
        tags: ['errors'],
        summary: 'The errors themselves, newest first, in pages',
        querystring: detailsQuery,
        response: { 200: z.object({ ...head, next: z.string().nullable(), errors: z.array(eventSummary) }) },
      },
    },
    async ({ tenant, query, signal }) => {
      const now = clock.now();
      const to = query.end ?? now;
      const asked = {
        tenant,
        from: Math.max(0, to - query.window.ms),
        to,
        services: query.service?.map((name) => names.canonical(name)),
        types: query.type,
        severities: query.severity,
      };
      const after = query.cursor === undefined ? undefined : parsePlace(query.cursor);
      const { errors, more, warnings } = await store.reader.page(asked, query.limit, after, signal);
      const last = errors.at(-1)?.event;
      return {
        timestamp: iso(now),
        window: query.window.text,
        warnings: [...warnings],
        next: more && last !== undefined ? `${last.time}-${last.id}` : null,
        errors: errors.map(renderEvent),
      };
    },
  );
}
