import { Readable } from 'node:stream';
import { createMatcher, type Matcher, type Queryable, type SelectResult } from '@pharos/promql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import { negotiateFormat } from '../federate/formats.ts';
import { type LastSample, lastSamples } from '../federate/last-samples.ts';
import { federateProtobuf } from '../federate/protobuf.ts';
import { federateText } from '../federate/text.ts';
import type { MetricsStore } from '../store/store.ts';
import { type GuardDeps, runGuarded } from './guarded.ts';
import { Params } from './prometheus-params.ts';
import { documented, plainText } from './route-docs.ts';

export interface FederateDeps extends GuardDeps {
  readonly store: MetricsStore;
  /** `global.external_labels` as they are now. */
  externalLabels(): Readonly<Record<string, string>>;
}

/** `/federate` (PQ-12): the last sample of each matching series, for another server to scrape. Errors are plain text. */
export function federateApi(deps: FederateDeps): ApiModule {
  return {
    name: 'federate',
    renderError: plainText,
    register(app: HttpApp) {
      app.route({
        method: 'GET',
        url: '/federate',
        ...documented('The last sample of each matching series, as exposition text or protobuf.', [
          ['match[]', 'series selector; repeatable'],
        ]),
        handler: (request, reply) => answer(deps, new Params(request).matcherSets(), request, reply),
      });
      app.route({
        method: 'GET',
        url: '/monitoring/metrics',
        ...documented('The last sample of every series that services are scraped for or push.', []),
        handler: (request, reply) => answer(deps, OF_SERVICES, request, reply),
      });
    },
  };
}

/** Whatever has a job: the series of services and hosts, without those that Pharos computes. */
const OF_SERVICES: readonly (readonly Matcher[])[] = [[createMatcher('job', '!=', '')]];

async function answer(
  deps: FederateDeps,
  sets: readonly (readonly Matcher[])[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const format = negotiateFormat(request.headers.accept);
  const end = deps.clock.now();
  const queryable: Queryable = deps.store.queryable(request.tenant);
  const { result } = await runGuarded(deps, 'federate', { reply }, async ({ signal }) => {
    const selections: SelectResult['series'][] = [];
    for (const matchers of sets) {
      const window = { startExclusive: end - deps.config.lookback_delta, end };
      const hints = { start: end, end, step: 1, range: 0 };
      selections.push((await queryable.select({ matchers, ...window, hints }, signal)).series);
    }
    return lastSamples(selections);
  });
  void reply.header('content-type', format.contentType);
  return reply.send(Readable.from(pieces(deps, request.tenant, result, format), { objectMode: false }));
}

async function* pieces(
  deps: FederateDeps,
  tenant: string,
  samples: readonly LastSample[],
  format: ReturnType<typeof negotiateFormat>,
): AsyncGenerator<Uint8Array | string> {
  const external = deps.externalLabels();
  if (format.kind === 'protobuf') {
    yield* federateProtobuf(samples, { format, external });
    return;
  }
  const families = deps.store.metadata.families(tenant);
  const types = new Map<string, 'counter' | 'gauge'>();
  for (const [name, [description]] of families)
    if (description?.type === 'counter' || description?.type === 'gauge') types.set(name, description.type);
  for (const text of federateText(samples, { format, external, typeOf: (name) => types.get(name) })) {
    yield text;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
