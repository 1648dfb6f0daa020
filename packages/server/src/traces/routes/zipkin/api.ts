import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { applyErrorHead } from '../../../http/render.ts';
import type { ApiModule, HttpApp } from '../../../http/types.ts';
import { tracesErrors } from '../../errors.ts';
import type { StoredTrace } from '../../store/span.ts';
import { MINUTE_MS } from '../../topology/index.ts';
import type { TraceApiOptions } from '../options.ts';
import { one } from '../params.ts';
import { sendPieces, warned } from '../pieces.ts';
import { parseTraceId } from '../trace-id.ts';
import { zipkinSearch, zipkinWindow } from './search.ts';
import { zipkinPieces } from './trace.ts';

/** Where a Zipkin data source may point: at Pharos, or at `/zipkin` of it. */
const PREFIXES = ['', '/zipkin'] as const;
const anyQuery = z.record(z.string(), z.unknown());
const tags = ['traces'];

/** Zipkin's query API v2 (compat ZK-2) for Grafana's data source and scripts; errors in plain text. */
export function zipkinApi(options: TraceApiOptions): ApiModule {
  return {
    name: 'zipkin',
    renderError: (error, _request, reply) => {
      applyErrorHead(reply, error);
      void reply.type('text/plain; charset=utf-8');
      return error.message;
    },
    register: (app) => {
      for (const prefix of PREFIXES) {
        nameRoutes(app, prefix, options);
        graphRoutes(app, prefix, options);
        traceRoutes(app, prefix, options);
      }
    },
  };
}

function nameRoutes(app: HttpApp, prefix: string, { reader, names }: TraceApiOptions): void {
  const required = (query: Readonly<Record<string, unknown>>): string => {
    const service = one(query, 'serviceName');
    if (service === undefined) throw tracesErrors.make('badParameter', 'serviceName is required');
    return names.canonical(service);
  };
  app.get(
    `${prefix}/api/v2/services`,
    { schema: { tags, summary: 'Services that sent spans (Zipkin)' } },
    ({ tenant }) => reader.services(tenant),
  );
  app.get(
    `${prefix}/api/v2/spans`,
    { schema: { tags, summary: "Names of a service's spans (Zipkin)", querystring: anyQuery } },
    async ({ tenant, query }) => {
      const known = await reader.operations(tenant, required(query));
      return [...new Set(known.map(({ name }) => name))].sort();
    },
  );
  // Zipkin answers both from a list in its configuration, which is empty unless somebody fills it: there is none here.
  for (const name of ['autocompleteKeys', 'autocompleteValues'])
    app.get(
      `${prefix}/api/v2/${name}`,
      {
        schema: {
          tags,
          summary: 'Tags that are set up for completion: none (Zipkin)',
          querystring: anyQuery,
        },
      },
      () => [],
    );
}

function graphRoutes(app: HttpApp, prefix: string, options: TraceApiOptions): void {
  const { graph, clock, names, guard } = options;
  const edgesOf = (tenant: string, query: Readonly<Record<string, unknown>>, reply: FastifyReply) => {
    const { from, to } = zipkinWindow(query, clock.now());
    const minutes = { from: Math.floor(from / MINUTE_MS), to: Math.floor(to / MINUTE_MS) + 1 };
    return guard.run('dependencies', reply, ({ signal }) => graph.read(tenant, minutes, signal));
  };
  app.get(
    `${prefix}/api/v2/remoteServices`,
    { schema: { tags, summary: 'Services that a service calls (Zipkin)', querystring: anyQuery } },
    async ({ tenant, query }, reply) => {
      const service = one(query, 'serviceName');
      if (service === undefined) throw tracesErrors.make('badParameter', 'serviceName is required');
      const caller = names.canonical(service);
      const edges = betweenServices(await edgesOf(tenant, query, reply));
      return edges.filter((edge) => edge.caller === caller).map(({ callee }) => callee);
    },
  );
  app.get(
    `${prefix}/api/v2/dependencies`,
    { schema: { tags, summary: 'Calls between services (Zipkin)', querystring: anyQuery } },
    async ({ tenant, query }, reply) => {
      if (one(query, 'endTs') === undefined) throw tracesErrors.make('badParameter', 'endTs is required');
      return betweenServices(await edgesOf(tenant, query, reply)).map(
        ({ caller, callee, calls, errors }) => ({
          parent: caller,
          child: callee,
          callCount: calls,
          ...(errors > 0 && { errorCount: errors }),
        }),
      );
    },
  );
}

function betweenServices(edges: Awaited<ReturnType<TraceApiOptions['graph']['read']>>) {
  return [...edges.values()]
    .filter(({ type, caller }) => type === 'service' && caller !== '')
    .sort((a, b) => (`${a.caller}\n${a.callee}` < `${b.caller}\n${b.callee}` ? -1 : 1));
}

function traceRoutes(app: HttpApp, prefix: string, options: TraceApiOptions): void {
  const { reader, clock, names, maxTraces, breathe, guard } = options;
  app.get(
    `${prefix}/api/v2/traces`,
    { schema: { tags, summary: 'Search for traces (Zipkin)', querystring: anyQuery } },
    ({ tenant, query }, reply) =>
      guard.run('search', reply, async (asking) => {
        const asked = zipkinSearch(query, { tenant, now: clock.now(), names, maxTraces });
        const { traces, warnings } = await reader.search(asked.query, asking);
        checkFound(traces, warnings);
        const kept = asked.keep === undefined ? traces : traces.filter(asked.keep);
        return sendPieces(warned(reply, warnings), listOf(kept.slice(0, asked.limit)), breathe);
      }),
  );
  app.get(
    `${prefix}/api/v2/traceMany`,
    { schema: { tags, summary: 'Traces by their ids (Zipkin)', querystring: anyQuery } },
    async ({ tenant, query }, reply) => {
      const ids = [...new Set((one(query, 'traceIds') ?? '').split(',').filter((id) => id !== ''))];
      if (ids.length === 0) throw tracesErrors.make('badParameter', 'traceIds is required');
      if (ids.length > maxTraces)
        throw tracesErrors.make('badParameter', `${ids.length} traceIds, expected at most ${maxTraces}`);
      return guard.run('search', reply, async (asking) => {
        const { traces, warnings } = await reader.traces(tenant, ids.map(parseTraceId), asking);
        checkFound(traces, warnings);
        return sendPieces(warned(reply, warnings), listOf(traces), breathe);
      });
    },
  );
  app.get(
    `${prefix}/api/v2/trace/:id`,
    { schema: { tags, summary: 'One trace (Zipkin)', params: z.object({ id: z.string() }) } },
    ({ tenant, params }, reply) =>
      guard.run('trace', reply, async (asking) => {
        const { traces, warnings } = await reader.traces(tenant, [parseTraceId(params.id)], asking);
        const [trace] = traces;
        if (trace !== undefined) return sendPieces(warned(reply, warnings), zipkinPieces(trace), breathe);
        if (warnings.length > 0) throw tracesErrors.make('unavailable', warnings.join('; '));
        throw tracesErrors.make('notFound', `trace ${params.id} is not known`);
      }),
  );
}

/** Zipkin's lists have no place to say that not everything could be looked at: an empty one is then no answer. */
function checkFound(traces: readonly StoredTrace[], warnings: readonly string[]): void {
  if (traces.length === 0 && warnings.length > 0) throw tracesErrors.make('unavailable', warnings.join('; '));
}

function* listOf(traces: readonly StoredTrace[]): Generator<string> {
  yield '[';
  for (const [i, trace] of traces.entries()) {
    if (i > 0) yield ',';
    yield* zipkinPieces(trace);
  }
  yield ']';
}
