import { compareLabels } from '@pharos/promql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { HttpApp } from '../../http/types.ts';
import { metricsErrors } from '../errors.ts';
import type { MetricMetadata } from '../sink.ts';
import type { MetricsStore } from '../store/store.ts';
import { type GuardDeps, runGuarded } from './guarded.ts';
import { labelSetPieces, sendData, sendSmall, stringPieces } from './prometheus-json.ts';
import { labelNameOf, Params } from './prometheus-params.ts';
import { documented, GET_POST } from './route-docs.ts';

const TRUNCATED = 'results truncated due to limit';

const WINDOW = [
  ['match[]', 'series selector; repeatable'],
  ['start', 'float seconds or RFC 3339'],
  ['end', 'float seconds or RFC 3339'],
  ['limit', 'most items; 0 = all'],
] as const;

export interface LabelRoutesDeps extends GuardDeps {
  readonly store: Pick<MetricsStore, 'labels' | 'metadata' | 'telemetry'>;
}

export function registerLabelRoutes(app: HttpApp, deps: LabelRoutesDeps): void {
  const { labels } = deps.store;
  app.route({
    method: GET_POST,
    url: '/api/v1/series',
    ...documented('The label sets of matching series.', WINDOW),
    handler: async (request, reply) => {
      const params = new Params(request);
      const matcherSets = params.matcherSets();
      if (matcherSets.length === 0) throw metricsErrors.make('badParameter', 'no match[] parameter provided');
      const limit = params.limit();
      const question = { tenant: request.tenant, matcherSets, ...params.window() };
      const { result } = await runGuarded(deps, 'series', { reply }, ({ signal }) =>
        labels.series(question, signal),
      );
      const sorted = [...result.items].sort(compareLabels);
      const { items, warnings } = cut(sorted, limit, result.warnings);
      return sendData(reply, labelSetPieces(items), { warnings });
    },
  });
  app.route({
    method: GET_POST,
    url: '/api/v1/labels',
    ...documented('Label names.', WINDOW),
    handler: (request, reply) =>
      answerTexts(deps, 'labels', { request, reply }, (question, signal) => labels.names(question, signal)),
  });
  app.route({
    method: 'GET',
    url: '/api/v1/label/:name/values',
    ...documented('Values of a label.', WINDOW),
    handler: (request, reply) => {
      const name = labelNameOf(pathParams.parse(request.params).name);
      return answerTexts(deps, 'label_values', { request, reply }, (question, signal) =>
        labels.values(question, name, signal),
      );
    },
  });
  app.route({
    method: 'GET',
    url: '/api/v1/metadata',
    ...documented('Type, help and unit of metric families.', [
      ['metric', 'one family'],
      ['limit', 'most families'],
      ['limit_per_metric', 'most descriptions of each'],
    ]),
    handler: (request, reply) => sendSmall(reply, metadataOf(deps.store, request)),
  });
}

const pathParams = z.object({ name: z.string() });

type Ask = (
  request: Parameters<MetricsStore['labels']['names']>[0],
  signal: AbortSignal,
) => ReturnType<MetricsStore['labels']['names']>;

async function answerTexts(
  deps: LabelRoutesDeps,
  call: string,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  ask: Ask,
): Promise<FastifyReply> {
  const params = new Params(request);
  const question = { tenant: request.tenant, matcherSets: params.matcherSets(), ...params.window() };
  const limit = params.limit();
  const { result } = await runGuarded(deps, call, { reply }, ({ signal }) => ask(question, signal));
  const { items, warnings } = cut(result.items, limit, result.warnings);
  return sendData(reply, stringPieces(items), { warnings });
}

function cut<T>(
  items: readonly T[],
  limit: number,
  warnings: readonly string[],
): { items: readonly T[]; warnings: readonly string[] } {
  if (limit === 0 || items.length <= limit) return { items, warnings };
  return { items: items.slice(0, limit), warnings: [...warnings, TRUNCATED] };
}

function metadataOf(
  store: LabelRoutesDeps['store'],
  request: FastifyRequest,
): Record<string, readonly MetricMetadata[]> {
  const params = new Params(request);
  const metric = params.text('metric');
  const limit = metadataLimit(params, 'limit');
  const perMetric = metadataLimit(params, 'limit_per_metric');
  const families = store.metadata.families(request.tenant);
  const chosen: [string, readonly MetricMetadata[]][] = [];
  for (const [name, descriptions] of families) {
    if (chosen.length >= limit) break;
    if (metric === '' || metric === name) chosen.push([name, descriptions.slice(0, perMetric)]);
  }
  return Object.fromEntries(chosen);
}

/** Unlike elsewhere, 0 and below mean "none at all" is not asked: Prometheus reads them as no limit. */
function metadataLimit(params: Params, name: string): number {
  const text = params.text(name);
  if (text === '') return Number.POSITIVE_INFINITY;
  if (!/^[+-]?\d{1,15}$/.test(text)) throw metricsErrors.make('badParameter', `${name} must be a number`);
  return Number(text) > 0 ? Number(text) : Number.POSITIVE_INFINITY;
}
