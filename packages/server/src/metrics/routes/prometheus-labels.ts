import { compareLabels } from '@pharos/promql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { HttpApp } from '../../http/types.ts';
import { metricsErrors } from '../errors.ts';
import type { MetricMetadata } from '../sink.ts';
import type { MetricsStore } from '../store/store.ts';
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

export function registerLabelRoutes(app: HttpApp, store: MetricsStore): void {
  app.route({
    method: GET_POST,
    url: '/api/v1/series',
    ...documented('The label sets of matching series.', WINDOW),
    handler: async (request, reply) => {
      const params = new Params(request);
      const matcherSets = params.matcherSets();
      if (matcherSets.length === 0) throw metricsErrors.make('badParameter', 'no match[] parameter provided');
      const limit = params.limit();
      const answer = await store.labels.series(
        { tenant: request.tenant, matcherSets, ...params.window() },
        signalOf(reply),
      );
      const sorted = [...answer.items].sort(compareLabels);
      const { items, warnings } = cut(sorted, limit, answer.warnings);
      return sendData(reply, labelSetPieces(items), { warnings });
    },
  });
  app.route({
    method: GET_POST,
    url: '/api/v1/labels',
    ...documented('Label names.', WINDOW),
    handler: (request, reply) =>
      answerTexts(request, reply, (label, signal) => store.labels.names(label, signal)),
  });
  app.route({
    method: 'GET',
    url: '/api/v1/label/:name/values',
    ...documented('Values of a label.', WINDOW),
    handler: (request, reply) => {
      const name = labelNameOf(pathParams.parse(request.params).name);
      return answerTexts(request, reply, (label, signal) => store.labels.values(label, name, signal));
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
    handler: (request, reply) => sendSmall(reply, metadataOf(store, request)),
  });
}

const pathParams = z.object({ name: z.string() });

type Ask = (
  request: Parameters<MetricsStore['labels']['names']>[0],
  signal: AbortSignal,
) => ReturnType<MetricsStore['labels']['names']>;

async function answerTexts(request: FastifyRequest, reply: FastifyReply, ask: Ask): Promise<FastifyReply> {
  const params = new Params(request);
  const question = { tenant: request.tenant, matcherSets: params.matcherSets(), ...params.window() };
  const limit = params.limit();
  const answer = await ask(question, signalOf(reply));
  const { items, warnings } = cut(answer.items, limit, answer.warnings);
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

/** Aborts when the client leaves. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      controller.abort(metricsErrors.make('queryCanceled', 'the client left before the answer was ready'));
  });
  return controller.signal;
}

function metadataOf(store: MetricsStore, request: FastifyRequest): Record<string, readonly MetricMetadata[]> {
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
