import { z } from 'zod';
import type { Engine } from '../../engine/index.ts';
import { sendPieces } from '../../http/json-stream.ts';
import { renderPharosError } from '../../http/render.ts';
import { iso } from '../../http/times.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Analyst } from '../analysis/analyst.ts';
import { STATUSES } from '../event.ts';
import { type ReEvaluator, reEvaluation } from '../maintenance/re-evaluation.ts';
import type { EventReader } from '../store/reader.ts';
import { countEvents, type EventCounts } from '../store/stats.ts';
import type { EventsStore } from '../store/store.ts';
import { type Bands, statusOf } from '../verdict.ts';
import type { VerdictSource } from '../verdict-states.ts';

export interface JudgementApiDeps {
  readonly engine: Engine;
  readonly reader: EventReader;
  readonly store: EventsStore;
  readonly states: VerdictSource;
  readonly analyst: Analyst;
  readonly reEvaluator: ReEvaluator;
  readonly clock: Clock;
  readonly bands: Bands;
}

const tags = ['events'];
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MOST_MINUTES = 90 * 24 * 60;
const MOST_ISSUES = 20;
/** A share of abnormal events that moved by this much is a trend. */
const NOTABLE = 0.05;

const counts = z.record(z.string(), z.number());
const lookback = z.coerce.number().positive().max(MOST_MINUTES);

/** `GET /health`, `GET /stats`, `POST /analysis/llm`, `POST /analysis/re-evaluate` under `/api/v1/monitoring`. */
export function judgementApi(deps: JudgementApiDeps): ApiModule {
  return {
    name: 'event-judgement',
    renderError: renderPharosError,
    register(app) {
      healthRoute(app, deps);
      statsRoute(app, deps);
      analysisRoute(app, deps);
      reEvaluationRoutes(app, deps);
    },
  };
}

function healthRoute(app: HttpApp, { states, store, bands }: JudgementApiDeps): void {
  app.get(
    '/api/v1/monitoring/health',
    {
      schema: {
        tags,
        summary: 'What the verdicts of the last 15 minutes say, by the worst of them',
        response: {
          200: z.object({
            current_status: z.enum(STATUSES),
            severity_score: z.number(),
            last_update: z.string().nullable().describe('Of the newest event; null without events.'),
            recent_issues: z.array(z.string()),
            total_events_processed: z.number().describe('Since Pharos was installed.'),
            sources: z.array(
              z.object({
                source: z.string(),
                status: z.enum(STATUSES),
                severity_score: z.number(),
                events: z.number(),
                warnings: z.number(),
                criticals: z.number(),
                last_update: z.string(),
              }),
            ),
          }),
        },
      },
    },
    ({ tenant }) => {
      const sources = states.verdicts(tenant);
      const score = sources.reduce((most, one) => Math.max(most, one.score), 0);
      const lastAt = sources.reduce((last, one) => Math.max(last, one.lastAt), 0);
      const worstFirst = [...sources].sort((a, b) => b.score - a.score || b.lastAt - a.lastAt);
      return {
        current_status: statusOf(score, bands),
        severity_score: score,
        last_update: lastAt === 0 ? null : iso(lastAt),
        recent_issues: worstFirst.flatMap(({ recentIssues }) => recentIssues).slice(0, MOST_ISSUES),
        total_events_processed: store.total(tenant),
        sources: sources.map((one) => ({
          source: one.source,
          status: one.status,
          severity_score: one.score,
          events: one.events,
          warnings: one.warnings,
          criticals: one.criticals,
          last_update: iso(one.lastAt),
        })),
      };
    },
  );
}

function statsRoute(app: HttpApp, { engine, reader, clock, store }: JudgementApiDeps): void {
  app.get(
    '/api/v1/monitoring/stats',
    {
      schema: {
        tags,
        summary: 'Events by status, source, type, rule and decision; rates; trend',
        querystring: z.object({
          lookback_minutes: lookback.default(24 * 60),
          source: z.string().max(200).optional().describe('Only this source.'),
        }),
        response: {
          200: z.object({
            timestamp: z.string(),
            start_time: z.string(),
            lookback_minutes: z.number(),
            total: z.number(),
            total_events_processed: z.number(),
            by_status: counts,
            by_source: counts,
            by_event_type: counts,
            by_rule: counts,
            by_decision: counts,
            rates: z.object({
              events_per_minute: z.number(),
              normal: z.number().describe('Shares of all, 0 to 1.'),
              warning: z.number(),
              critical: z.number(),
            }),
            trend: z.object({
              direction: z.enum(['improving', 'stable', 'worsening']),
              change: z
                .number()
                .describe(
                  'Share of abnormal events in the later half of the window, less that in the earlier.',
                ),
              buckets: z.array(
                z.object({ time: z.string(), normal: z.number(), warning: z.number(), critical: z.number() }),
              ),
            }),
            warnings: z.array(z.string()),
          }),
        },
      },
    },
    async ({ tenant, query }, reply) => {
      const now = clock.now();
      const from = now - query.lookback_minutes * MINUTE_MS;
      const found = await countEvents(engine, reader, tenant, {
        from: Math.floor(from),
        // Senders' clocks may be ahead.
        to: now + HOUR_MS / 6,
        sources: query.source === undefined ? undefined : [query.source],
      });
      const answer = {
        timestamp: iso(now),
        start_time: iso(from),
        lookback_minutes: query.lookback_minutes,
        total: found.total,
        total_events_processed: store.total(tenant),
        by_status: Object.fromEntries(found.byStatus),
        by_source: bySource(found),
        by_event_type: Object.fromEntries(found.byType),
        by_rule: Object.fromEntries(found.byRule),
        by_decision: Object.fromEntries(found.byDecision),
        rates: ratesOf(found, query.lookback_minutes),
        trend: trendOf(found),
        warnings: [...found.warnings],
      };
      // As it is: a source may be named `__proto__`, which the schema's records would leave out.
      return sendPieces(reply.type('application/json'), [JSON.stringify(answer)]);
    },
  );
}

function bySource({ bySource: sources }: EventCounts): Record<string, number> {
  return Object.fromEntries(
    [...sources].map(([source, { normal, warning, critical }]) => [source, normal + warning + critical]),
  );
}

function ratesOf({ total, byStatus }: EventCounts, minutes: number) {
  const share = (status: string): number => (total === 0 ? 0 : rounded((byStatus.get(status) ?? 0) / total));
  return {
    events_per_minute: rounded(total / minutes),
    normal: share('NORMAL'),
    warning: share('WARNING'),
    critical: share('CRITICAL'),
  };
}

function trendOf({ buckets }: EventCounts) {
  const middle = Math.floor(buckets.length / 2);
  const share = (some: EventCounts['buckets']): number | undefined => {
    const abnormal = some.reduce((sum, { warning, critical }) => sum + warning + critical, 0);
    const total = some.reduce((sum, { normal }) => sum + normal, abnormal);
    return total === 0 ? undefined : abnormal / total;
  };
  const [earlier, later] = [share(buckets.slice(0, middle)), share(buckets.slice(middle))];
  const change = earlier === undefined || later === undefined ? 0 : rounded(later - earlier);
  const direction: 'improving' | 'stable' | 'worsening' =
    change > NOTABLE ? 'worsening' : change < -NOTABLE ? 'improving' : 'stable';
  return {
    direction,
    change,
    buckets: buckets.map(({ at, normal, warning, critical }) => ({
      time: iso(at),
      normal,
      warning,
      critical,
    })),
  };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function analysisRoute(app: HttpApp, { engine, reader, analyst, clock, bands }: JudgementApiDeps): void {
  app.post(
    '/api/v1/monitoring/analysis/llm',
    {
      schema: {
        tags,
        summary: 'What the events of the last minutes say, in words',
        body: z
          .object({
            lookback_minutes: z.number().positive().max(MOST_MINUTES).default(60),
            focus_areas: z
              .array(z.string().min(1).max(200))
              .max(20)
              .default([])
              .describe('Sources, rules, types or statuses to say more about.'),
          })
          .nullish(),
        response: {
          200: z.object({
            analysis: z.string(),
            severity: z.enum(STATUSES),
            key_findings: z.array(z.string()),
            recommendations: z.array(z.string()),
            confidence: z.number().describe('0 to 1.'),
            warnings: z.array(z.string()),
          }),
        },
      },
    },
    async ({ tenant, body }) => {
      const lookbackMinutes = body?.lookback_minutes ?? 60;
      const to = clock.now() + HOUR_MS / 6;
      const from = Math.floor(clock.now() - lookbackMinutes * MINUTE_MS);
      const found = await countEvents(engine, reader, tenant, { from, to });
      const before = await countEvents(engine, reader, tenant, {
        from: Math.floor(from - lookbackMinutes * MINUTE_MS),
        to: from,
      });
      const worst = [...found.byStatus].filter(([, events]) => events > 0).map(([status]) => status);
      const severity = STATUSES.findLast((status) => worst.includes(status)) ?? statusOf(0, bands);
      const answer = await analyst.analyse({
        lookbackMinutes,
        focusAreas: body?.focus_areas ?? [],
        counts: found,
        before,
        severity,
      });
      return {
        ...answer,
        key_findings: [...answer.key_findings],
        recommendations: [...answer.recommendations],
        warnings: [...new Set([...found.warnings, ...before.warnings])],
      };
    },
  );
}

function reEvaluationRoutes(app: HttpApp, { reEvaluator }: JudgementApiDeps): void {
  app.post(
    '/api/v1/monitoring/analysis/re-evaluate',
    {
      schema: {
        tags,
        summary: "Judges stored events again under today's rules, against the history as it was then",
        querystring: z.object({ lookback_minutes: lookback.default(60) }),
        response: { 200: reEvaluation },
      },
    },
    ({ tenant, query }) => reEvaluator.run(tenant, query.lookback_minutes, 'request'),
  );
  app.get(
    '/api/v1/monitoring/analysis/re-evaluate',
    {
      schema: {
        tags,
        summary: 'What judging again found last, by hand or after a change of rules; null when it never ran',
        response: { 200: z.object({ last: reEvaluation.nullable() }) },
      },
    },
    ({ tenant }) => ({ last: reEvaluator.last(tenant) ?? null }),
  );
}
