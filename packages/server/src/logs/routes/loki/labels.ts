import { compareLabels, type Labels } from '@pharos/promql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { sendPieces } from '../../../http/json-stream.ts';
import type { HttpApp } from '../../../http/types.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { LogsStore } from '../../store/store.ts';
import { documented, GET_POST } from './docs.ts';
import { labelsJson } from './json.ts';
import { LokiParams } from './params.ts';

export interface LabelDeps {
  readonly store: Pick<LogsStore, 'reader'>;
  readonly clock: Clock;
}

const WINDOW = [
  ['start', 'seconds, nanoseconds or RFC 3339; default an hour before the end'],
  ['end', 'the same; default now'],
  ['since', 'duration before the end, instead of start'],
] as const;
const QUERY = ['query', 'stream selector; default all'] as const;

/** Names, values and sets of stream labels. They are known by day: what a stream has had in the days of the window. */
export function registerLabelRoutes(app: HttpApp, deps: LabelDeps): void {
  for (const url of ['/loki/api/v1/labels', '/loki/api/v1/label'])
    app.route({
      method: GET_POST,
      url,
      ...documented('Names of stream labels.', [QUERY, ...WINDOW]),
      handler: (request, reply) => answerTexts(deps, request, reply, (labels) => labels.toMap().keys()),
    });
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/label/:name/values',
    ...documented('Values of a stream label.', [QUERY, ...WINDOW]),
    handler: (request, reply) => {
      const { name } = pathParams.parse(request.params);
      return answerTexts(deps, request, reply, (labels) => (labels.has(name) ? [labels.get(name)] : []));
    },
  });
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/series',
    ...documented('The label sets of streams.', [
      ['match', 'stream selector; repeatable; default all'],
      ...WINDOW,
    ]),
    handler: (request, reply) => answerSeries(deps, request, reply),
  });
}

export const pathParams = z.object({ name: z.string() });

/** The streams of some selectors in a request's window. */
async function streamsOf(
  { store, clock }: LabelDeps,
  request: FastifyRequest,
  params: LokiParams,
  selectors: readonly string[],
): Promise<{ readonly sets: readonly Labels[]; readonly warnings: readonly string[] }> {
  const { start, end } = params.range(clock.now());
  const reader = store.reader(request.tenant);
  const found = new Map<bigint, Labels>();
  for (const text of selectors) {
    const { byId } = await reader.streams(params.matchers('query', text), { from: start, to: end + 1n });
    for (const [id, labels] of byId) found.set(id, labels);
  }
  return { sets: [...found.values()], warnings: reader.warnings };
}

async function answerTexts(
  deps: LabelDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  pick: (labels: Labels) => Iterable<string>,
): Promise<FastifyReply> {
  const params = new LokiParams(request);
  const { sets, warnings } = await streamsOf(deps, request, params, [params.text('query')]);
  const texts = new Set<string>();
  for (const labels of sets) for (const text of pick(labels)) texts.add(text);
  const sorted = [...texts].sort();
  // Loki leaves `data` out where there is nothing.
  const data = sorted.length === 0 ? '' : `,"data":${JSON.stringify(sorted)}`;
  return reply.type('application/json').send(`{"status":"success"${data}${warningsText(warnings)}}`);
}

async function answerSeries(deps: LabelDeps, request: FastifyRequest, reply: FastifyReply) {
  const params = new LokiParams(request);
  const asked = [...params.all('match'), ...params.all('match[]')];
  const { sets, warnings } = await streamsOf(deps, request, params, asked.length === 0 ? [''] : asked);
  const sorted = [...sets].sort(compareLabels);
  function* pieces(): Iterable<string> {
    yield '{"status":"success","data":[';
    for (const [i, labels] of sorted.entries()) yield `${i > 0 ? ',' : ''}${labelsJson(labels)}`;
    yield `]${warningsText(warnings)}}`;
  }
  return sendPieces(reply.type('application/json'), pieces());
}

function warningsText(warnings: readonly string[]): string {
  return warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`;
}
