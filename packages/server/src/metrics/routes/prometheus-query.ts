import {
  formatExpr,
  type InstantResult,
  type ParserOptions,
  parseExpr,
  type QueryEngine,
  type RangeQuery,
  type RangeResult,
} from '@pharos/promql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { QueryGate } from '../../kernel/query-gate.ts';
import type { MetricsConfig } from '../config.ts';
import { metricsErrors } from '../errors.ts';
import { queryOptions } from '../query-options.ts';
import type { CachedRange, ResultCache } from '../result-cache/result-cache.ts';
import type { MetricsStore } from '../store/store.ts';
import { Explain } from './explain.ts';
import { type Deadline, runGuarded, type Timed } from './guarded.ts';
import { translateExpr } from './prometheus-ast.ts';
import { badParameter, fromQueryError } from './prometheus-errors.ts';
import { resultPieces, sendData, sendSmall, seriesCount } from './prometheus-json.ts';
import { Params } from './prometheus-params.ts';
import { documented, GET_POST } from './route-docs.ts';

export interface QueryRoutesDeps {
  readonly store: MetricsStore;
  readonly engine: QueryEngine;
  readonly clock: Clock;
  readonly config: MetricsConfig['query'];
  readonly gate: QueryGate;
  /** Answers range queries, in whole or in part from what it keeps. */
  readonly cache: ResultCache;
}

export function registerQueryRoutes(app: HttpApp, deps: QueryRoutesDeps): void {
  const options = queryOptions(deps.config);
  app.route({
    method: GET_POST,
    url: '/api/v1/query',
    ...documented('Evaluates a PromQL expression at one time.', [
      ['query', 'PromQL expression'],
      ['time', 'float seconds or RFC 3339; default now'],
      ['timeout', 'duration'],
      ['limit', 'most series in the answer; 0 = all'],
      ['lookback_delta', 'duration'],
      ['stats', 'true or all'],
      ['downsample', 'auto or never: whether buckets may stand for old samples'],
      ['explain', 'true: what each selector read from where, and the SQL that ran, in stats.explain'],
    ]),
    handler: (request, reply) => answerInstant(deps, request, reply),
  });
  app.route({
    method: GET_POST,
    url: '/api/v1/query_range',
    ...documented('Evaluates a PromQL expression over a range of time.', [
      ['query', 'PromQL expression'],
      ['start', 'float seconds or RFC 3339'],
      ['end', 'float seconds or RFC 3339'],
      ['step', 'float seconds or duration'],
      ['timeout', 'duration'],
      ['limit', 'most series in the answer; 0 = all'],
      ['lookback_delta', 'duration'],
      ['stats', 'true or all'],
      ['downsample', 'auto or never: whether buckets may stand for old samples'],
      ['explain', 'true: what each selector read from where, and the SQL that ran, in stats.explain'],
    ]),
    handler: (request, reply) => answerRange(deps, request, reply),
  });
  app.route({
    method: GET_POST,
    url: '/api/v1/format_query',
    ...documented('Pretty-prints a PromQL expression.', [['query', 'PromQL expression']]),
    handler: (request, reply) =>
      sendSmall(reply, formatExpr(parsed(new Params(request).text('query'), options))),
  });
  app.route({
    method: GET_POST,
    url: '/api/v1/parse_query',
    ...documented('The syntax tree of a PromQL expression.', [['query', 'PromQL expression']]),
    handler: (request, reply) =>
      sendSmall(reply, translateExpr(parsed(new Params(request).text('query'), options))),
  });
}

function parsed(text: string, options: ParserOptions) {
  try {
    return parseExpr(text, options);
  } catch (error) {
    throw fromQueryError(error);
  }
}

async function answerInstant(deps: QueryRoutesDeps, request: FastifyRequest, reply: FastifyReply) {
  const params = new Params(request);
  const time = params.time('time', deps.clock.now());
  const common = commonOf(params);
  const query = params.text('query');
  const { queryable, run, explain } = watched(deps, params, request.tenant, common.samples);
  const timed = await runGuarded(deps, 'query', { reply, timeoutMs: common.timeoutMs }, (deadline) =>
    run(() =>
      deps.engine.instant({
        query,
        time,
        queryable,
        lookbackMs: common.lookbackMs,
        timeoutMs: deadline.timeoutMs,
        signal: deadline.signal,
      }),
    ),
  );
  return send(reply, timed, common, explain);
}

async function answerRange(deps: QueryRoutesDeps, request: FastifyRequest, reply: FastifyReply) {
  const params = new Params(request);
  const start = params.time('start');
  const end = params.time('end');
  if (end < start) throw badParameter('end', 'end timestamp must not be before start time');
  const step = params.requiredDuration('step');
  if (step <= 0)
    throw badParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  const most = deps.config.max_points;
  if ((end - start) / step > most)
    throw metricsErrors.make(
      'badParameter',
      `exceeded maximum resolution of ${most.toLocaleString('en-US')} points per timeseries. Try decreasing the query resolution (?step=XX)`,
    );
  const common = commonOf(params);
  const query = params.text('query');
  const { queryable, run, explain } = watched(deps, params, request.tenant, common.samples);
  const evaluate = async (deadline: Deadline): Promise<CachedRange> => {
    const range: RangeQuery = {
      query,
      start,
      end,
      step,
      queryable,
      lookbackMs: common.lookbackMs,
      timeoutMs: deadline.timeoutMs,
      signal: deadline.signal,
    };
    // What was kept from before would explain nothing.
    return explain === undefined
      ? deps.cache.range({ tenant: request.tenant, ...common.samples }, range)
      : run(async () => ({ result: await deps.engine.range(range), outcome: 'bypass', cachedSteps: 0 }));
  };
  const guard = { reply, timeoutMs: common.timeoutMs };
  const timed = await runGuarded(deps, 'query_range', guard, evaluate);
  const { result, outcome, cachedSteps } = timed.result;
  deps.store.telemetry.cachedQueries.inc({ outcome });
  deps.store.telemetry.cachedSteps.inc(cachedSteps);
  return send(reply, { ...timed, result }, { ...common, cachedSteps }, explain);
}

/** The tenant's samples, watched where the client asks what the query did. */
function watched(deps: QueryRoutesDeps, params: Params, tenant: string, samples: Common['samples']) {
  const queryable = deps.store.queryable(tenant, samples);
  if (params.text('explain') !== 'true')
    return { queryable, run: <T>(evaluate: () => Promise<T>) => evaluate(), explain: undefined };
  const explain = new Explain(deps.clock, () => deps.store.headStats().floor);
  return {
    queryable: explain.watch(queryable),
    run: <T>(evaluate: () => Promise<T>) => explain.run(evaluate),
    explain,
  };
}

interface Common {
  readonly timeoutMs: number | undefined;
  readonly lookbackMs: number | undefined;
  readonly limit: number;
  readonly stats: string;
  readonly samples: { readonly samplesOnly?: boolean };
  /** Steps of the answer that were kept from an earlier one. */
  readonly cachedSteps?: number;
}

function commonOf(params: Params): Common {
  const lookbackMs = params.duration('lookback_delta');
  return {
    timeoutMs: params.duration('timeout'),
    lookbackMs: lookbackMs === 0 ? undefined : lookbackMs,
    limit: params.limit(),
    stats: params.text('stats'),
    samples: samplesOf(params.text('downsample')),
  };
}

/** A request may forbid buckets; it cannot allow what the setting forbids. */
function samplesOf(downsample: string): Common['samples'] {
  if (downsample === '' || downsample === 'auto') return {};
  if (downsample === 'never') return { samplesOnly: true };
  throw badParameter(
    'downsample',
    `unknown value ${JSON.stringify(downsample)} for downsample; expected auto or never`,
  );
}

const TRUNCATED = 'results truncated due to limit';

function send(
  reply: FastifyReply,
  timed: Timed<InstantResult | RangeResult>,
  common: Common,
  explain: Explain | undefined,
): FastifyReply {
  const { result } = timed;
  const warnings = [...result.warnings];
  if (common.limit > 0 && seriesCount(result) > common.limit) warnings.push(TRUNCATED);
  if (common.stats !== '' && common.stats !== 'true' && common.stats !== 'all')
    warnings.push(`unknown value ${JSON.stringify(common.stats)} for stats; expected true or all`);
  const told = {
    ...(common.stats === '' ? {} : statsOf(timed, common.cachedSteps)),
    ...(explain && { explain: explain.facts() }),
  };
  const stats = Object.keys(told).length === 0 ? undefined : told;
  return sendData(reply, resultPieces(result, common.limit, stats), { warnings, infos: result.infos });
}

/** Our evaluator has one phase where Prometheus has several: preparation and sorting are inside the evaluation. */
function statsOf(timed: Timed<InstantResult | RangeResult>, cachedSteps: number | undefined): object {
  const evaluated = (timed.totalMs - timed.queuedMs) / 1000;
  return {
    timings: {
      evalTotalTime: evaluated,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: evaluated,
      execQueueTime: timed.queuedMs / 1000,
      execTotalTime: timed.totalMs / 1000,
    },
    samples: {
      totalQueryableSamples: timed.result.stats.samplesRead,
      peakSamples: timed.result.stats.peakSamples,
    },
    // Not among Prometheus' own: samples above are only those of the steps that were computed.
    ...(cachedSteps !== undefined && { resultCache: { steps: cachedSteps } }),
  };
}
