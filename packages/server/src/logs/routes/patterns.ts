import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { instant, iso, wanted, windowQuery } from '../../http/times.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { logsErrors } from '../errors.ts';
import { LOG_LEVELS } from '../level.ts';
import { CHANGE_KINDS, type PatternChange } from '../patterns/miner.ts';
import type { LogPatterns, PatternSeries } from '../patterns/service.ts';
import type { LogsStore } from '../store/store.ts';
import { documented } from './loki/docs.ts';
import { renderLokiError } from './loki/guarded.ts';
import { LokiParams } from './loki/params.ts';

export interface PatternsApiDeps {
  readonly patterns: Pick<LogPatterns, 'query' | 'changes'>;
  readonly clock: Clock;
  readonly names: ServiceNames;
}

const NANOS_PER_MS = 1_000_000n;
const MOST_PATTERNS = 1000;

const levels = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .describe('Only these levels; repeat it, or separate with commas.')
  .transform((value) => (value === undefined ? undefined : [value].flat().flatMap((text) => text.split(','))))
  .pipe(z.array(z.enum(LOG_LEVELS)).optional());

const changesQuery = windowQuery.extend({
  start: instant.optional().describe('Where the window begins, instead of `window`.'),
  level: levels,
});

const patternsQuery = changesQuery.extend({
  limit: z.coerce.number().int().min(1).max(MOST_PATTERNS).default(100),
  step: z.coerce
    .number()
    .int()
    .min(60)
    .max(86_400)
    .multipleOf(60)
    .default(60)
    .describe('Seconds that are counted together, whole minutes.'),
});

const change = z.object({
  kind: z.enum(CHANGE_KINDS),
  service: z.string(),
  level: z.string(),
  pattern: z.string(),
  at: z.string(),
});

const patternsAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  services: z.array(z.string()),
  total: z.number().describe('Patterns in the window.'),
  lines: z.number().describe('Lines of all of them.'),
  patterns: z.array(
    z.object({
      service: z.string(),
      level: z.string(),
      pattern: z.string().describe('`<_>` stands for what differs; works in LogQL as `|> "…"`.'),
      count: z
        .number()
        .describe('Lines; an estimate when there were more than `logs.patterns.lines_per_second`.'),
      minutes: z.array(z.tuple([z.string(), z.number()])).describe('Lines by minute, or by `step`.'),
    }),
  ),
  changes: z.array(change),
  warnings: z.array(z.string()),
});

const changesAnswer = z.object({ timestamp: z.string(), window: z.string(), changes: z.array(change) });

/** `GET /api/logs/patterns`: what lines have in common, how often, and what is new or missing. */
export function patternsApi({ patterns, clock, names }: PatternsApiDeps): ApiModule {
  return {
    name: 'log-patterns',
    renderError: renderPharosError,
    register(app) {
      app.get(
        '/api/logs/patterns',
        {
          schema: {
            tags: ['logs'],
            summary: 'Patterns of log lines, by count, with new and vanished ones',
            querystring: patternsQuery,
            response: { 200: patternsAnswer },
          },
        },
        async ({ query, tenant }) => {
          const { now, from, to, isWanted } = windowOf(query, clock, names);
          const inServices = await patterns.query(tenant, { from, to }, isWanted);
          const found = inServices.patterns.filter(
            ({ level }) => query.level?.some((one) => one === level) ?? true,
          );
          return {
            timestamp: iso(now),
            window: query.window.text,
            services: [...new Set(found.map(({ service }) => service))].sort(),
            total: found.length,
            lines: found.reduce((sum, { total }) => sum + total, 0),
            patterns: found.slice(0, query.limit).map(({ total, minutes, ...pattern }) => ({
              ...pattern,
              count: total,
              minutes: stepped(minutes, query.step * 1000).map(([at, count]): [string, number] => [
                iso(at),
                count,
              ]),
            })),
            changes: changesOf(patterns.changes(tenant), query, { from, to, isWanted }),
            warnings: [...inServices.warnings],
          };
        },
      );
      app.get(
        '/api/logs/patterns/changes',
        {
          schema: {
            tags: ['logs'],
            summary: 'Patterns of log lines that appeared, vanished and returned, the newest first',
            querystring: changesQuery,
            response: { 200: changesAnswer },
          },
        },
        ({ query, tenant }) => {
          const window = windowOf(query, clock, names);
          return {
            timestamp: iso(window.now),
            window: query.window.text,
            changes: changesOf(patterns.changes(tenant), query, window),
          };
        },
      );
    },
  };
}

interface Wanted {
  readonly from: number;
  readonly to: number;
  readonly isWanted: (service: string) => boolean;
}

function windowOf(
  query: z.output<typeof changesQuery>,
  clock: Clock,
  names: ServiceNames,
): Wanted & { readonly now: number } {
  const now = clock.now();
  const to = (query.end ?? now) + 1;
  const from = query.start ?? to - 1 - query.window.ms;
  if (from >= to) throw logsErrors.make('badParameter', `start ${iso(from)} is not before end ${iso(to)}`);
  return { now, from, to, isWanted: (service) => wanted(query, (name) => names.canonical(name), service) };
}

function changesOf(
  all: readonly PatternChange[],
  query: z.output<typeof changesQuery>,
  { from, to, isWanted }: Wanted,
): z.output<typeof change>[] {
  return all
    .filter(
      ({ service, level, at }) =>
        isWanted(service) && at >= from && at < to && (query.level?.some((one) => one === level) ?? true),
    )
    .map(({ kind, service, level, pattern, at }) => ({ kind, service, level, pattern, at: iso(at) }));
}

export interface LokiPatternsDeps extends PatternsApiDeps {
  readonly store: Pick<LogsStore, 'reader'>;
}

/** `GET /loki/api/v1/patterns` (compat §5): patterns of the services whose streams a selector matches. */
export function lokiPatternsApi({ patterns, clock, names, store }: LokiPatternsDeps): ApiModule {
  return {
    name: 'loki-patterns',
    renderError: renderLokiError,
    register(app) {
      app.route({
        method: ['GET', 'POST'],
        url: '/loki/api/v1/patterns',
        ...documented('Patterns of the lines of some services, counted per step.', [
          ['query', 'stream selector; the services of its streams count'],
          ['start', 'seconds, nanoseconds or RFC 3339; default an hour before the end'],
          ['end', 'the same; default now'],
          ['step', 'float seconds or duration; whole minutes'],
        ]),
        handler: async (request, reply) => {
          const params = new LokiParams(request);
          const range = params.range(clock.now());
          const stepMs = Math.max(60_000, Math.round(params.stepNs(range) / 60e9) * 60_000);
          const matchers = params.matchers('query', params.query());
          const { byId } = await store
            .reader(request.tenant)
            .streams(matchers, { from: range.start, to: range.end + 1n });
          const services = new Set(
            [...byId.values()].map((labels) => names.of((name) => labels.get(name) || undefined) ?? ''),
          );
          const window = {
            from: Number(range.start / NANOS_PER_MS),
            to: Number(range.end / NANOS_PER_MS) + 1,
          };
          const found = await patterns.query(request.tenant, window, (service) => services.has(service));
          const data = found.patterns.slice(0, MOST_PATTERNS).map((series) => ({
            pattern: series.pattern,
            level: series.level,
            samples: stepped(series.minutes, stepMs).map(([at, count]) => [at / 1000, count]),
          }));
          return reply.type('application/json').send(JSON.stringify({ status: 'success', data }));
        },
      });
    },
  };
}

/** Lines per step, at the step's beginning. */
function stepped(minutes: PatternSeries['minutes'], stepMs: number): [number, number][] {
  const steps = new Map<number, number>();
  for (const [minute, count] of minutes) {
    const step = Math.floor(minute / stepMs) * stepMs;
    steps.set(step, (steps.get(step) ?? 0) + count);
  }
  return [...steps];
}
