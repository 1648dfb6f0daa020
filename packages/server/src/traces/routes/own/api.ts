import { z } from 'zod';
import { renderPharosError } from '../../../http/render.ts';
import { iso } from '../../../http/system-a.ts';
import type { ApiModule, HttpApp } from '../../../http/types.ts';
import { compareTraces } from '../../analysis/compare.ts';
import { criticalPath } from '../../analysis/critical-path.ts';
import { buildTree, type TraceTree } from '../../analysis/tree.ts';
import { tracesErrors } from '../../errors.ts';
import { isFailed } from '../../store/query.ts';
import type { StoredTrace } from '../../store/span.ts';
import type { JaegerApiOptions } from '../jaeger/api.ts';
import { parseSpanId, parseTraceId } from '../trace-id.ts';
import { attributionRoute } from './attribution.ts';
import { filterQuery, toTraceQuery } from './query.ts';
import { compareAnswer, searchAnswer, spanAnswer, traceAnswer } from './shapes.ts';
import { spanDetail } from './span.ts';

/** Rows of a page of a trace. */
const PAGE = 5000;
const tags = ['traces'];

/** What the pages of traces need: search, waterfall, span, comparison, attribution. */
export function tracesApi(options: JaegerApiOptions): ApiModule {
  return {
    name: 'traces',
    renderError: renderPharosError,
    register: (app) => {
      searchRoute(app, options);
      traceRoute(app, options);
      spanRoute(app, options);
      compareRoute(app, options);
      attributionRoute(app, options);
    },
  };
}

function searchRoute(app: HttpApp, { reader, clock, names, maxTraces }: JaegerApiOptions): void {
  app.get(
    '/api/v1/traces',
    {
      schema: {
        tags,
        summary: 'Traces with a span that satisfies every filter, newest first',
        querystring: filterQuery.extend({
          limit: z.coerce.number().int().min(1).max(maxTraces).default(50),
        }),
        response: { 200: searchAnswer },
      },
    },
    async ({ tenant, query, signal }) => {
      const now = clock.now();
      const asked = toTraceQuery(tenant, query, now, names, query.limit);
      const { traces, warnings } = await reader.summaries(asked, signal);
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

async function loadOne(
  { reader }: JaegerApiOptions,
  tenant: string,
  id: string,
  signal: AbortSignal,
): Promise<{ readonly trace: StoredTrace; readonly warnings: readonly string[] }> {
  const { traces, warnings } = await reader.traces(tenant, [parseTraceId(id)], signal);
  const [trace] = traces;
  if (trace !== undefined) return { trace, warnings };
  if (warnings.length > 0) throw tracesErrors.make('unavailable', warnings.join('; '));
  throw tracesErrors.make('notFound', `there is no trace ${id.slice(0, 64)}`);
}

function traceRoute(app: HttpApp, options: JaegerApiOptions): void {
  app.get(
    '/api/v1/traces/:id',
    {
      schema: {
        tags,
        summary: 'A trace as rows of a waterfall, in columns and pages',
        params: z.object({ id: z.string() }),
        querystring: z.object({
          offset: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(200_000).default(PAGE),
        }),
        response: { 200: traceAnswer },
      },
    },
    async ({ tenant, params, query, signal }) => {
      const { trace, warnings } = await loadOne(options, tenant, params.id, signal);
      const tree = buildTree(trace.spans);
      const path = criticalPath(tree);
      return {
        trace_id: trace.traceId,
        start: iso(Number(tree.start / 1_000_000n)),
        start_ns: String(tree.start),
        duration_ns: tree.duration,
        total: tree.nodes.length,
        errors: trace.spans.filter(isFailed).length,
        orphans: tree.orphans,
        cycles: tree.cycles,
        warnings: [...warnings],
        ...rowsOf(tree, query.offset, query.limit),
        critical_path: {
          row: path.map(({ row }) => row),
          from_ns: path.map(({ from }) => from),
          to_ns: path.map(({ to }) => to),
        },
      };
    },
  );
}

function rowsOf(tree: TraceTree, offset: number, limit: number) {
  const services = new Places();
  const operations = new Places();
  const page = tree.nodes.slice(offset, offset + limit);
  return {
    rows: {
      offset,
      span_id: page.map(({ span }) => span.spanId),
      parent: page.map(({ parent }) => parent),
      depth: page.map(({ depth }) => depth),
      children: page.map(({ children }) => children.length),
      service: page.map(({ span }) => services.of(span.service)),
      operation: page.map(({ span }) => operations.of(span.name)),
      kind: page.map(({ span }) => span.kind),
      failed: page.map(({ span }) => (isFailed(span) ? 1 : 0)),
      start_ns: page.map(({ start }) => start),
      duration_ns: page.map(({ duration }) => duration),
      skew_ns: page.map(({ skew }) => skew),
    },
    services: services.texts,
    operations: operations.texts,
  };
}

/** Texts that are named by their place. */
class Places {
  readonly texts: string[] = [];
  readonly #places = new Map<string, number>();

  of(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}

function spanRoute(app: HttpApp, options: JaegerApiOptions): void {
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
    async ({ tenant, params, signal }) => {
      const traceId = parseTraceId(params.id);
      const { spans, sources, warnings } = await options.reader.span(
        tenant,
        traceId,
        parseSpanId(params.span),
        signal,
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

function compareRoute(app: HttpApp, options: JaegerApiOptions): void {
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
    async ({ tenant, query, signal }) => {
      const [a, b] = [
        await loadOne(options, tenant, query.a, signal),
        await loadOne(options, tenant, query.b, signal),
      ];
      const [left, right] = [buildTree(a.trace.spans), buildTree(b.trace.spans)];
      const places = compareTraces(left, right);
      const side = ({ trace }: typeof a, tree: TraceTree) => ({
        trace_id: trace.traceId,
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
    },
  );
}
