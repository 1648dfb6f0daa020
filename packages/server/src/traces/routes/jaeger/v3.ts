import { z } from 'zod';
import { applyErrorHead } from '../../../http/render.ts';
import { nanosOf } from '../../../http/times.ts';
import type { ApiModule, HttpApp } from '../../../http/types.ts';
import { tracesErrors } from '../../errors.ts';
import type { TraceQuery } from '../../store/query.ts';
import type { StoredTrace } from '../../store/span.ts';
import type { TraceApiOptions } from '../options.ts';
import { one, type RawQuery } from '../params.ts';
import { sendPieces, warned } from '../pieces.ts';
import { parseTraceId } from '../trace-id.ts';
import { operationsOfKind } from './api.ts';
import { otlpPieces } from './otlp.ts';
import { duration, jsonTags } from './search-params.ts';

const PREFIXES = ['', '/jaeger'] as const;
const anyQuery = z.record(z.string(), z.unknown());
const tags = ['traces'];

/** Jaeger's query API v3 (compat JA-7): traces as OTLP's JSON. */
export function jaegerV3Api(options: TraceApiOptions): ApiModule {
  return {
    name: 'jaeger-v3',
    renderError: (error, _request, reply) => {
      applyErrorHead(reply, error);
      return { error: { httpCode: error.status, message: error.message } };
    },
    register: (app) => {
      for (const prefix of PREFIXES) {
        nameRoutes(app, prefix, options);
        traceRoutes(app, prefix, options);
      }
    },
  };
}

function nameRoutes(app: HttpApp, prefix: string, { reader, names }: TraceApiOptions): void {
  app.get(
    `${prefix}/api/v3/services`,
    { schema: { tags, summary: 'Services that sent spans (Jaeger v3)' } },
    async ({ tenant }) => ({ services: await reader.services(tenant) }),
  );
  app.get(
    `${prefix}/api/v3/operations`,
    { schema: { tags, summary: "A service's operations (Jaeger v3)", querystring: anyQuery } },
    async ({ tenant, query }) => {
      const service = one(query, 'service');
      if (service === undefined)
        throw tracesErrors.make('badParameter', 'malformed parameter service: it is required');
      const known = await reader.operations(tenant, names.canonical(service));
      return { operations: operationsOfKind(known, aliased(query), 'spankind') };
    },
  );
}

function traceRoutes(app: HttpApp, prefix: string, options: TraceApiOptions): void {
  const { reader, breathe, guard } = options;
  app.get(
    `${prefix}/api/v3/traces`,
    { schema: { tags, summary: 'Search for traces (Jaeger v3)', querystring: anyQuery } },
    ({ tenant, query }, reply) =>
      guard.run('search', reply, async (asking) => {
        const { traces, warnings } = await reader.search(searchOf(aliased(query), tenant, options), asking);
        return sendPieces(warned(reply, warnings), result(foundOf(traces, warnings)), breathe);
      }),
  );
  app.get(
    `${prefix}/api/v3/traces/:id`,
    {
      schema: {
        tags,
        summary: 'One trace (Jaeger v3)',
        params: z.object({ id: z.string() }),
        querystring: anyQuery,
      },
    },
    ({ tenant, params }, reply) =>
      guard.run('trace', reply, async (asking) => {
        const { traces, warnings } = await reader.traces(tenant, [parseTraceId(params.id)], asking);
        return sendPieces(warned(reply, warnings), result(foundOf(traces, warnings)), breathe);
      }),
  );
}

/** v3 answers nothing found with 404; where not everything could be looked at, nobody knows. */
function foundOf(traces: readonly StoredTrace[], warnings: readonly string[]): readonly StoredTrace[] {
  if (traces.length > 0) return traces;
  if (warnings.length > 0) throw tracesErrors.make('unavailable', warnings.join('; '));
  throw tracesErrors.make('notFound', 'No traces found');
}

function* result(traces: readonly StoredTrace[]): Generator<string> {
  yield '{"result":';
  yield* otlpPieces(traces);
  yield '}';
}

/** Parameters by one name each: `query.startTimeMin` and `query.start_time_min` are the same, and `num_traces` is the search depth. */
function aliased(query: RawQuery): RawQuery {
  const names = new Map<string, unknown>();
  for (const [name, value] of Object.entries(query))
    names.set(
      name
        .replace(/^query\./, '')
        .replaceAll('_', '')
        .toLowerCase(),
      value,
    );
  return Object.fromEntries(names);
}

const DEFAULT_DEPTH = 100;

function searchOf(query: RawQuery, tenant: string, { names, maxTraces }: TraceApiOptions): TraceQuery {
  const from = timeOf(query, 'startTimeMin');
  const to = timeOf(query, 'startTimeMax');
  const service = one(query, 'servicename');
  const operation = one(query, 'operationname');
  const minDuration = duration(query, 'durationmin');
  const maxDuration = duration(query, 'durationmax');
  const attributes = one(query, 'attributes');
  return {
    tenant,
    from,
    to: to + 1n,
    limit: Math.min(depthOf(query), maxTraces),
    ...(service !== undefined && { services: [names.canonical(service)] }),
    ...(operation !== undefined && { operation }),
    ...(minDuration !== undefined && { minDuration }),
    ...(maxDuration !== undefined && { maxDuration }),
    ...(attributes !== undefined && { attributes: jsonTags(attributes) }),
  };
}

function depthOf(query: RawQuery): number {
  const text = one(query, 'searchdepth') ?? one(query, 'numtraces');
  if (text === undefined) return DEFAULT_DEPTH;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw tracesErrors.make(
    'badParameter',
    `malformed parameter query.searchDepth: ${JSON.stringify(text.slice(0, 40))}, expected a number above 0`,
  );
}

const RFC3339_NANO = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+ -]\d{2}:\d{2})$/;

/** A required RFC 3339 time in nanoseconds. A `+` that was not escaped arrives as a blank. */
function timeOf(query: RawQuery, name: string): bigint {
  const text = one(query, name.toLowerCase());
  if (text === undefined)
    throw tracesErrors.make('badParameter', 'query.startTimeMin and query.startTimeMax are required');
  const [, date = '', time = '', fraction = '', zone = ''] = RFC3339_NANO.exec(text) ?? [];
  const ms = Date.parse(`${date}T${time}${zone.replace(' ', '+').toUpperCase()}`);
  if (!Number.isFinite(ms) || ms < 0)
    throw tracesErrors.make(
      'badParameter',
      `malformed parameter query.${name}: ${JSON.stringify(text.slice(0, 60))}, expected RFC 3339 such as 2026-01-31T12:00:00Z`,
    );
  return nanosOf(ms) + BigInt(fraction.padEnd(9, '0'));
}
