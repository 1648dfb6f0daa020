import { z } from 'zod';
import { applyErrorHead } from '../../../http/render.ts';
import type { ApiModule, HttpApp } from '../../../http/types.ts';
import { tracesErrors } from '../../errors.ts';
import { KIND_WORDS } from '../../store/query.ts';
import type { TraceReader } from '../../store/reader.ts';
import type { StoredTrace } from '../../store/span.ts';
import { MINUTE_MS } from '../../topology/index.ts';
import type { TraceApiOptions } from '../options.ts';
import { one, type RawQuery } from '../params.ts';
import { sendPieces } from '../pieces.ts';
import { parseTraceId } from '../trace-id.ts';
import { jaegerSearch } from './search-params.ts';
import { JaegerTrace } from './trace.ts';
import { tracesInJson } from './transform.ts';

/** Where a Jaeger data source may point: at Pharos, or at `/jaeger` of it. */
const PREFIXES = ['', '/jaeger'] as const;

const anyQuery = z.record(z.string(), z.unknown());
const serviceParams = z.object({ service: z.string() });
const idParams = z.object({ id: z.string() });

/** Jaeger's query API as its older UI and Grafana use it (compat 6.1). `GET /api/services` on the plain path is shared with our own. */
export function jaegerApi(options: TraceApiOptions): ApiModule {
  return {
    name: 'jaeger',
    renderError: (error, _request, reply) => {
      applyErrorHead(reply, error);
      return {
        data: null,
        total: 0,
        limit: 0,
        offset: 0,
        errors: [{ code: error.status, msg: error.message }],
      };
    },
    register: (app) => {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      for (const prefix of PREFIXES) {
        nameRoutes(app, prefix, options);
        dependenciesRoute(app, prefix, options);
        traceRoutes(app, prefix, options);
        transformRoute(app, prefix, options);
        absentRoutes(app, prefix);
      }
    },
  };
}

const tags = ['traces'];

function nameRoutes(app: HttpApp, prefix: string, { reader, names }: TraceApiOptions): void {
  if (prefix !== '')
    app.get(
      `${prefix}/api/services`,
      { schema: { tags, summary: 'Services that sent spans (Jaeger)' } },
      async ({ tenant }) => list(await reader.services(tenant)),
    );
  app.get(
    `${prefix}/api/services/:service/operations`,
    { schema: { tags, summary: "A service's operations (Jaeger)", params: serviceParams } },
    async ({ tenant, params }) => {
      const operations = await reader.operations(tenant, names.canonical(params.service));
      return list([...new Set(operations.map(({ name }) => name))]);
    },
  );
  app.get(
    `${prefix}/api/operations`,
    { schema: { tags, summary: "A service's operations with their kinds (Jaeger)", querystring: anyQuery } },
    async ({ tenant, query }) => {
      const service = one(query, 'service');
      if (service === undefined) throw tracesErrors.make('badParameter', "parameter 'service' is required");
      return list(operationsOfKind(await reader.operations(tenant, names.canonical(service)), query));
    },
  );
}

const milliseconds = z.coerce.number().int().min(0).max(8.64e15);
const DAY_MS = 86_400_000;

/** Who called whom, services only: what Jaeger's system architecture page and Grafana's node graph read. */
function dependenciesRoute(
  app: HttpApp,
  prefix: string,
  { graph, clock, names, guard }: TraceApiOptions,
): void {
  app.get(
    `${prefix}/api/dependencies`,
    {
      schema: {
        tags,
        summary: 'Calls between services (Jaeger)',
        querystring: z.object({
          endTs: milliseconds.optional().describe('Epoch ms; now when absent.'),
          lookback: milliseconds.default(DAY_MS).describe('Ms back from endTs.'),
          service: z.string().optional().describe('Only calls from or to it.'),
        }),
      },
    },
    async ({ tenant, query }, reply) => {
      const end = query.endTs ?? clock.now();
      const minutes = {
        from: Math.floor(Math.max(0, end - query.lookback) / MINUTE_MS),
        to: Math.floor(end / MINUTE_MS) + 1,
      };
      const only = query.service === undefined ? null : names.canonical(query.service);
      const read = await guard.run('dependencies', reply, ({ signal }) =>
        graph.read(tenant, minutes, signal),
      );
      const edges = [...read.values()].filter(
        ({ type, caller, callee }) =>
          type === 'service' && caller !== '' && (only === null || caller === only || callee === only),
      );
      return list(
        edges
          .map(({ caller, callee, calls }) => ({ parent: caller, child: callee, callCount: calls }))
          .sort((a, b) => compare(a.parent, b.parent) || compare(a.child, b.child)),
      );
    },
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Jaeger's names of kinds; unspecified is none. */
export function operationsOfKind(
  operations: Awaited<ReturnType<TraceReader['operations']>>,
  query: RawQuery,
  parameter = 'spanKind',
): { readonly name: string; readonly spanKind: string }[] {
  const wanted = one(query, parameter)?.toLowerCase();
  return operations
    .map(({ name, kind }) => ({ name, spanKind: kind === 0 ? '' : (KIND_WORDS[kind] ?? '') }))
    .filter(({ spanKind }) => wanted === undefined || spanKind === wanted);
}

function traceRoutes(
  app: HttpApp,
  prefix: string,
  { reader, clock, names, maxTraces, breathe, guard }: TraceApiOptions,
): void {
  app.get(
    `${prefix}/api/traces`,
    { schema: { tags, summary: 'Search for traces (Jaeger)', querystring: anyQuery } },
    ({ tenant, query }, reply) =>
      guard.run('search', reply, async (asking) => {
        const asked = jaegerSearch(query, { tenant, now: clock.now(), names, maxTraces });
        const { traces, warnings } =
          'ids' in asked
            ? await reader.traces(tenant, asked.ids, asking)
            : await reader.search(asked.query, asking);
        if (traces.length === 0 && warnings.length > 0)
          throw tracesErrors.make('unavailable', warnings.join('; '));
        return sendPieces(reply, envelope(traces, warnings), breathe);
      }),
  );
  app.get(
    `${prefix}/api/traces/:id`,
    { schema: { tags, summary: 'One trace (Jaeger)', params: idParams, querystring: anyQuery } },
    ({ tenant, params }, reply) =>
      guard.run('trace', reply, async (asking) => {
        const { traces, warnings } = await reader.traces(tenant, [parseTraceId(params.id)], asking);
        if (traces.length > 0) return sendPieces(reply, envelope(traces, warnings), breathe);
        if (warnings.length > 0) throw tracesErrors.make('unavailable', warnings.join('; '));
        throw tracesErrors.make('notFound', 'trace not found');
      }),
  );
}

/** Largest file that is transformed. */
const FILE_LIMIT = 32 * 2 ** 20;

/** A file with OTLP's JSON as Jaeger's UI draws it; nothing of it is stored. */
function transformRoute(app: HttpApp, prefix: string, { names, breathe }: TraceApiOptions): void {
  app.post(
    `${prefix}/api/transform`,
    {
      bodyLimit: FILE_LIMIT,
      schema: { tags, summary: "OTLP's JSON in Jaeger's shape, without storing it (Jaeger)" },
    },
    async ({ body }, reply) => {
      const bytes = body instanceof Uint8Array ? body : new Uint8Array(0);
      return sendPieces(reply, envelope(await tracesInJson(bytes, names, breathe), []), breathe);
    },
  );
}

/** What Jaeger has and Pharos does otherwise: clients that ask are told (501, compat 6.1). */
function absentRoutes(app: HttpApp, prefix: string): void {
  const nothing = (what: string) => (): never => {
    throw tracesErrors.make('notImplemented', what);
  };
  for (const metric of ['latencies', 'calls', 'errors', 'minstep'])
    app.get(
      `${prefix}/api/metrics/${metric}`,
      { schema: { tags, summary: `Span metrics: ${metric} (Jaeger; not served)` } },
      nothing('metrics of spans are not served by this API'),
    );
  app.post(
    `${prefix}/api/archive/:id`,
    { schema: { tags, summary: 'Keep a trace (Jaeger; not served)', params: idParams } },
    nothing('there is no archive storage'),
  );
}

function list(data: readonly unknown[]) {
  return { data, total: data.length, limit: 0, offset: 0, errors: null };
}

/** Jaeger's envelope; its search says a total of 0 (JA-1). What is wrong with the answer each trace says: clients take `errors` for a failure. */
function* envelope(traces: readonly StoredTrace[], warnings: readonly string[]): Generator<string> {
  yield '{"data":[';
  for (const [i, trace] of traces.entries()) {
    if (i > 0) yield ',';
    yield* new JaegerTrace(trace, warnings).pieces();
  }
  yield '],"total":0,"limit":0,"offset":0,"errors":null}';
}
