import {
  type LogQueryEngine,
  type LogResult,
  type MatrixResult,
  type MetricInstantResult,
  parseExpr,
  prettyExpr,
} from '@pharos/logql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendPieces } from '../../../http/json-stream.ts';
import type { HttpApp } from '../../../http/types.ts';
import type { LogsStore } from '../../store/store.ts';
import { documented, GET_POST } from './docs.ts';
import { fromQueryError, type GuardDeps, runGuarded } from './guarded.ts';
import { answerPieces, statsJson } from './json.ts';
import { LokiParams } from './params.ts';

export interface QueryDeps extends GuardDeps {
  readonly store: Pick<LogsStore, 'reader'>;
  readonly engine: LogQueryEngine;
}

type Result = LogResult | MatrixResult | MetricInstantResult;
const DEFAULT_LIMIT = 100;

export function registerQueryRoutes(app: HttpApp, deps: QueryDeps): void {
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/query',
    ...documented('Evaluates a LogQL metric query at one time.', [
      ['query', 'LogQL expression'],
      ['time', 'seconds, nanoseconds or RFC 3339; default now'],
      ['limit', 'of log queries, which this call does not answer'],
      ['direction', 'forward or backward'],
    ]),
    handler: (request, reply) => answerInstant(deps, request, reply),
  });
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/query_range',
    ...documented('Log lines of a range of time, or a LogQL metric query at every step of it.', [
      ['query', 'LogQL expression'],
      ['start', 'seconds, nanoseconds or RFC 3339; default an hour before the end'],
      ['end', 'the same; default now; of log lines not included'],
      ['since', 'duration before the end, instead of start'],
      ['limit', 'most lines over all streams; default 100'],
      ['step', 'float seconds or duration; of metric queries'],
      ['interval', 'least time between two lines'],
      ['direction', 'forward or backward; default backward'],
    ]),
    handler: (request, reply) => answerRange(deps, request, reply),
  });
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/format_query',
    ...documented('Pretty-prints a LogQL expression.', [['query', 'LogQL expression']]),
    handler: (request, reply) => {
      const query = new LokiParams(request).query();
      return reply
        .type('application/json')
        .send(JSON.stringify({ status: 'success', data: formatted(query) }));
    },
  });
}

function formatted(query: string): string {
  try {
    return prettyExpr(parseExpr(query));
  } catch (error) {
    throw fromQueryError(error);
  }
}

async function answerInstant(deps: QueryDeps, request: FastifyRequest, reply: FastifyReply) {
  const params = new LokiParams(request);
  const query = params.query();
  const time = params.time('time', BigInt(Math.floor(deps.clock.now())) * 1_000_000n);
  params.count('limit', DEFAULT_LIMIT);
  params.direction();
  return answer(deps, 'query', { request, reply }, (storage, signal) =>
    deps.engine.instant({ query, time, storage, signal }),
  );
}

async function answerRange(deps: QueryDeps, request: FastifyRequest, reply: FastifyReply) {
  const params = new LokiParams(request);
  const query = params.query();
  const range = params.range(deps.clock.now());
  const wanted = {
    query,
    ...range,
    stepNs: params.stepNs(range),
    limit: params.count('limit', DEFAULT_LIMIT),
    direction: params.direction(),
    intervalNs: params.durationNs('interval') ?? 0,
  };
  return answer(deps, 'query_range', { request, reply }, (storage, signal) =>
    deps.engine.range({ ...wanted, storage, signal }),
  );
}

async function answer(
  deps: QueryDeps,
  call: string,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  evaluate: (reader: ReturnType<LogsStore['reader']>, signal: AbortSignal) => Promise<Result>,
): Promise<FastifyReply> {
  const reader = deps.store.reader(request.tenant);
  const { result, queuedMs, totalMs } = await runGuarded(deps, call, reply, (signal) =>
    evaluate(reader, signal),
  );
  const stats = statsJson({ stats: result.stats, counted: reader.counted, queuedMs, totalMs });
  const pieces = answerPieces(result, {
    categorize: wantsCategories(request),
    warnings: reader.warnings,
    stats,
  });
  return sendPieces(reply.type('application/json'), pieces);
}

/** Grafana always asks so (LQ-4). */
export function wantsCategories({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const flags = headers['x-loki-response-encoding-flags'];
  return String(flags ?? '')
    .split(',')
    .some((flag) => flag.trim() === 'categorize-labels');
}
