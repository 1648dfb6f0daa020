import { z } from 'zod';
import { renderPharosError } from '../../../http/render.ts';
import { iso } from '../../../http/times.ts';
import type { ApiModule, HttpApp } from '../../../http/types.ts';
import { inSlices } from '../../../kernel/sliced.ts';
import { compareTraces } from '../../analysis/compare.ts';
import { buildTree, type TraceTree } from '../../analysis/tree.ts';
import { buildWaterfall, type Waterfall } from '../../analysis/waterfall.ts';
import { tracesErrors } from '../../errors.ts';
import type { Asking } from '../../store/answer-memory.ts';
import type { SpanOutline } from '../../store/span.ts';
import type { TraceApiOptions } from '../options.ts';
import { parseSpanId, parseTraceId } from '../trace-id.ts';
import { attributionRoute, traceAttributionRoute } from './attribution.ts';
import { findRoute } from './find.ts';
import { Places } from './places.ts';
import { pointsRoute } from './points.ts';
import { filterQuery, toTraceQuery } from './query.ts';
import { compareAnswer, searchAnswer, spanAnswer, traceAnswer } from './shapes.ts';
import { spanDetail } from './span.ts';
import { Waterfalls } from './waterfalls.ts';

/** Rows of a page of a trace. */
const PAGE = 5000;
/** Rows of one answer: more would keep the server busy for too long at once. */
const MOST_ROWS = 20_000;
const tags = ['traces'];

/** What the pages of traces need: search, waterfall, span, comparison, attribution. */
export function tracesApi(options: TraceApiOptions): ApiModule {
  return {
    name: 'traces',
    renderError: renderPharosError,
    register: (app) => {
      searchRoute(app, options);
      traceRoute(app, options);
      spanRoute(app, options);
      findRoute(app, options);
      compareRoute(app, options);
      attributionRoute(app, options);
      traceAttributionRoute(app, options);
      pointsRoute(app, options);
    },
  };
}

function searchRoute(app: HttpApp, { reader, clock, names, maxTraces, guard }: TraceApiOptions): void {
  app.get(
    '/api/v1/traces',
    {
      schema: {
        tags,
        summary: 'Traces with a span that satisfies every filter',
        querystring: filterQuery.extend({
          limit: z.coerce.number().int().min(1).max(maxTraces).default(50),
          order: z
            .enum(['newest', 'slowest'])
            .default('newest')
            .describe('Slowest by the longest matching span.'),
        }),
        response: { 200: searchAnswer },
      },
    },
    async ({ tenant, query }, reply) => {
      const now = clock.now();
      const asked = toTraceQuery(tenant, query, now, names, query.limit);
      const { traces, warnings } = await guard.run('summaries', reply, (asking) =>
        reader.summaries(asked, query.order, asking),
      );
      return {
        timestamp: iso(now),
        warnings: [...warnings],
        traces: traces.map((trace) => ({
          trace_id: trace.traceId,
          root_service: trace.rootService,
          root_operation: trace.rootOperation,
          start: iso(Number(trace.start / 1_000_000n)),
          start_ns: String(trace.start),
          duration_ns: trace.duration,
          spans: trace.spans,
          errors: trace.errors,
          services: [...trace.services],
        })),
      };
    },
  );
}

interface Outlined {
  readonly traceId: string;
  readonly spans: readonly SpanOutline[];
  readonly warnings: readonly string[];
}

async function outlineOf(
  { reader }: TraceApiOptions,
  tenant: string,
  id: string,
  asking: Asking,
): Promise<Outlined> {
  const traceId = parseTraceId(id);
  const { spans, warnings } = await reader.outline(tenant, traceId, asking);
  if (spans.length > 0) return { traceId, spans, warnings };
  if (warnings.length > 0) throw tracesErrors.make('unavailable', warnings.join('; '));
  throw tracesErrors.make('notFound', `there is no trace ${id.slice(0, 64)}`);
}

function traceRoute(app: HttpApp, options: TraceApiOptions): void {
  const waterfalls = new Waterfalls(options.clock);
  app.get(
    '/api/v1/traces/:id',
    {
      schema: {
        tags,
        summary: 'A trace as rows of a waterfall, in columns and pages',
        params: z.object({ id: z.string() }),
        querystring: z.object({
          offset: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(MOST_ROWS).default(PAGE),
        }),
        response: { 200: traceAnswer },
      },
    },
    async ({ tenant, params, query }, reply) => {
      const traceId = parseTraceId(params.id);
      const { waterfall, warnings } = await waterfalls.get(`${traceId} ${tenant}`, () =>
        options.guard.run('waterfall', reply, async (asking) => {
          const isStale = options.reader.watch(tenant, traceId);
          const { spans, warnings } = await outlineOf(options, tenant, traceId, asking);
          const waterfall = await buildWaterfall(traceId, spans, options.breathe);
          return { built: { waterfall, warnings }, isStale };
        }),
      );
      // With the first page only: it may be as long as the trace.
      const path = query.offset === 0 ? waterfall.path : [];
      return {
        trace_id: traceId,
        start: iso(Number(waterfall.start / 1_000_000n)),
        start_ns: String(waterfall.start),
        duration_ns: waterfall.duration,
        total: waterfall.rows.length,
        errors: waterfall.errors,
        orphans: waterfall.orphans,
        cycles: waterfall.cycles,
        warnings: [...warnings],
        ...rowsOf(waterfall, query.offset, query.limit),
        critical_path: {
          row: path.map(({ row }) => row),
          from_ns: path.map(({ from }) => from),
          to_ns: path.map(({ to }) => to),
        },
      };
    },
  );
}

function rowsOf(waterfall: Waterfall, offset: number, limit: number) {
  const services = new Places();
  const operations = new Places();
  const page = waterfall.rows.slice(offset, offset + limit);
  return {
    rows: {
      offset,
      span_id: page.map(({ spanId }) => spanId),
      parent: page.map(({ parent }) => parent),
      depth: page.map(({ depth }) => depth),
      children: page.map(({ children }) => children),
      service: page.map(({ service }) => services.of(service)),
      operation: page.map(({ operation }) => operations.of(operation)),
      kind: page.map(({ kind }) => kind),
      failed: page.map(({ failed }) => (failed ? 1 : 0)),
      start_ns: page.map(({ start }) => start),
      duration_ns: page.map(({ duration }) => duration),
      skew_ns: page.map(({ skew }) => skew),
    },
    services: services.texts,
    operations: operations.texts,
  };
}

function spanRoute(app: HttpApp, options: TraceApiOptions): void {
  app.get(
    '/api/v1/traces/:id/spans/:span',
    {
      schema: {
        tags,
        summary: 'One span with its attributes, events, links and resource',
        params: z.object({ id: z.string(), span: z.string() }),
        response: { 200: spanAnswer },
      },
    },
    async ({ tenant, params }, reply) => {
      const traceId = parseTraceId(params.id);
      const spanId = parseSpanId(params.span);
      const { spans, sources, warnings } = await options.guard.run('span', reply, (asking) =>
        options.reader.span(tenant, traceId, spanId, asking),
      );
      const [span] = spans;
      if (span === undefined && warnings.length > 0)
        throw tracesErrors.make('unavailable', warnings.join('; '));
      if (span === undefined)
        throw tracesErrors.make('notFound', `trace ${traceId} has no span ${params.span.slice(0, 64)}`);
      return spanDetail(span, sources.get(span.source));
    },
  );
}

function compareRoute(app: HttpApp, options: TraceApiOptions): void {
  app.get(
    '/api/v1/traces/compare',
    {
      schema: {
        tags,
        summary: 'Two traces place by place, the largest differences of own time first',
        querystring: z.object({
          a: z.string(),
          b: z.string(),
          limit: z.coerce.number().int().min(1).max(5000).default(500),
        }),
        response: { 200: compareAnswer },
      },
    },
    ({ tenant, query }, reply) =>
      options.guard.run('compare', reply, (asking) => compared(options, tenant, query, asking)),
  );
}

async function compared(
  options: TraceApiOptions,
  tenant: string,
  query: { readonly a: string; readonly b: string; readonly limit: number },
  asking: Asking,
) {
  const [a, b] = [
    await outlineOf(options, tenant, query.a, asking),
    await outlineOf(options, tenant, query.b, asking),
  ];
  const [left, right] = [
    await inSlices(buildTree(a.spans), options.breathe),
    await inSlices(buildTree(b.spans), options.breathe),
  ];
  const places = await inSlices(compareTraces(left, right), options.breathe);
  const side = ({ traceId }: Outlined, tree: TraceTree) => ({
    trace_id: traceId,
    duration_ns: tree.duration,
    spans: tree.nodes.length,
  });
  const figures = (of: (typeof places)[number]['a']) => ({
    spans: of.spans,
    errors: of.errors,
    duration_ns: of.duration,
    self_ns: of.self,
  });
  return {
    a: side(a, left),
    b: side(b, right),
    warnings: [...new Set([...a.warnings, ...b.warnings])],
    total: places.length,
    places: places
      .slice(0, query.limit)
      .map((place) => ({ path: [...place.path], a: figures(place.a), b: figures(place.b) })),
  };
}
