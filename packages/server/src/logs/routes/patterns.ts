import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { instant, iso, wanted, windowQuery } from '../../http/system-a.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { logsErrors } from '../errors.ts';
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

const patternsQuery = windowQuery.extend({
  start: instant.optional().describe('Where the window begins, instead of `window`.'),
  limit: z.coerce.number().int().min(1).max(MOST_PATTERNS).default(100),
});

const patternsAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  services: z.array(z.string()),
  total: z.number().describe('Patterns in the window.'),
  patterns: z.array(
    z.object({
      service: z.string(),
      level: z.string(),
      pattern: z.string().describe('`<_>` stands for what differs; works in LogQL as `|> "…"`.'),
      count: z
        .number()
        .describe('Lines; an estimate when there were more than `logs.patterns.lines_per_second`.'),
      minutes: z.array(z.tuple([z.string(), z.number()])).describe('Lines by minute.'),
    }),
  ),
  changes: z.array(
    z.object({
      kind: z.enum(['new', 'vanished', 'returned']),
      service: z.string(),
      level: z.string(),
      pattern: z.string(),
      at: z.string(),
    }),
  ),
  warnings: z.array(z.string()),
});

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
            tags: ['system A'],
            summary: 'Patterns of log lines, by count, with new and vanished ones',
            querystring: patternsQuery,
            response: { 200: patternsAnswer },
          },
        },
        async ({ query, tenant }) => {
          const now = clock.now();
          const to = (query.end ?? now) + 1;
          const from = query.start ?? to - 1 - query.window.ms;
          if (from >= to)
            throw logsErrors.make('badParameter', `start ${iso(from)} is not before end ${iso(to)}`);
          const isWanted = (service: string): boolean =>
            wanted(query, (name) => names.canonical(name), service);
          const found = await patterns.query(tenant, { from, to }, isWanted);
          return {
            timestamp: iso(now),
            window: query.window.text,
            services: [...new Set(found.patterns.map(({ service }) => service))].sort(),
            total: found.patterns.length,
            patterns: found.patterns.slice(0, query.limit).map(({ total, minutes, ...pattern }) => ({
              ...pattern,
              count: total,
              minutes: minutes.map(([minute, count]): [string, number] => [iso(minute), count]),
            })),
            changes: patterns
              .changes(tenant)
              .filter(({ service, at }) => isWanted(service) && at >= from && at < to)
              .map(({ kind, service, level, pattern, at }) => ({
                kind,
                service,
                level,
                pattern,
                at: iso(at),
              })),
            warnings: [...found.warnings],
          };
        },
      );
    },
  };
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
            samples: samplesOf(series, stepMs),
          }));
          return reply.type('application/json').send(JSON.stringify({ status: 'success', data }));
        },
      });
    },
  };
}

/** Lines per step, at the step's beginning in whole seconds. */
function samplesOf({ minutes }: PatternSeries, stepMs: number): [number, number][] {
  const steps = new Map<number, number>();
  for (const [minute, count] of minutes) {
    const step = Math.floor(minute / stepMs) * (stepMs / 1000);
    steps.set(step, (steps.get(step) ?? 0) + count);
  }
  return [...steps];
}
