import { extractSelectors, formatValue, parseExpr } from '@pharos/promql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpApp } from '../../http/types.ts';
import type { MetricsStore } from '../store/store.ts';
import { type GuardDeps, runGuarded } from './guarded.ts';
import { badParameter, fromQueryError } from './prometheus-errors.ts';
import { sendData } from './prometheus-json.ts';
import { Params } from './prometheus-params.ts';
import { documented, GET_POST } from './route-docs.ts';

export interface ExemplarRoutesDeps extends GuardDeps {
  readonly store: Pick<MetricsStore, 'exemplars' | 'telemetry'>;
}

type SeriesExemplars = Awaited<ReturnType<MetricsStore['exemplars']['find']>>['series'][number];

/** `/api/v1/query_exemplars`: the exemplars of every series that a selector of the expression accepts. */
export function registerExemplarRoutes(app: HttpApp, deps: ExemplarRoutesDeps): void {
  app.route({
    method: GET_POST,
    url: '/api/v1/query_exemplars',
    ...documented('Exemplars of the series an expression reads.', [
      ['query', 'PromQL expression'],
      ['start', 'float seconds or RFC 3339'],
      ['end', 'float seconds or RFC 3339'],
    ]),
    handler: (request, reply) => answer(deps, request, reply),
  });
}

async function answer(
  deps: ExemplarRoutesDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const params = new Params(request);
  const { start, end } = params.window();
  if (end < start) throw badParameter('end', 'end timestamp must not be before start timestamp');
  const matcherSets = selectorsOf(params.text('query'));
  const question = { tenant: request.tenant, matcherSets, start, end };
  const { result } = await runGuarded(deps, 'query_exemplars', { reply }, ({ signal }) =>
    deps.store.exemplars.find(question, signal),
  );
  return sendData(reply, pieces(result.series), { warnings: result.warnings });
}

function selectorsOf(query: string) {
  try {
    return extractSelectors(parseExpr(query));
  } catch (error) {
    throw fromQueryError(error);
  }
}

/** `seriesLabels` before `exemplars` (PQ-4). */
function* pieces(series: readonly SeriesExemplars[]): Generator<string> {
  yield '[';
  for (const [i, { labels, exemplars }] of series.entries()) {
    const shown = exemplars.map((exemplar) => ({
      labels: exemplar.labels.toRecord(),
      value: formatValue(exemplar.value),
      timestamp: exemplar.timestamp / 1000,
    }));
    const text = JSON.stringify({ seriesLabels: labels.toRecord(), exemplars: shown });
    yield i === 0 ? text : `,${text}`;
  }
  yield ']';
}
