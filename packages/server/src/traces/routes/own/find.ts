import { z } from 'zod';
import type { HttpApp } from '../../../http/types.ts';
import { inSlices, visitSliced } from '../../../kernel/sliced.ts';
import { tracesErrors } from '../../errors.ts';
import type { SpanSource } from '../../sink.ts';
import type { Asking } from '../../store/answer-memory.ts';
import type { StoredSpan, StoredTrace } from '../../store/span.ts';
import type { TraceApiOptions } from '../options.ts';
import { parseTraceId } from '../trace-id.ts';
import { foundAnswer } from './shapes.ts';

/** Spans that an answer names. */
const MOST_FOUND = 10_000;

/** A trace by its id as it came; refuses one that is not there, or that could not be read. */
async function loadOne(
  { reader }: Pick<TraceApiOptions, 'reader'>,
  tenant: string,
  id: string,
  asking: Asking,
): Promise<{ readonly trace: StoredTrace; readonly warnings: readonly string[] }> {
  const { traces, warnings } = await reader.traces(tenant, [parseTraceId(id)], asking);
  const [trace] = traces;
  if (trace !== undefined) return { trace, warnings };
  if (warnings.length > 0) throw tracesErrors.make('unavailable', warnings.join('; '));
  throw tracesErrors.make('notFound', `there is no trace ${id.slice(0, 64)}`);
}

/** Whether a span says a text (in lower case) in what its rows do not show: attributes as `key=value`, resource, message of its status. */
function says(needle: string, sources: ReadonlyMap<bigint, SpanSource>): (span: StoredSpan) => boolean {
  const has = ({ key, value }: { readonly key: string; readonly value: string }): boolean =>
    `${key}=${value}`.toLowerCase().includes(needle);
  const bySource = new Map([...sources].map(([id, { resource }]) => [id, resource.some(has)]));
  return ({ attributes, statusMessage, source }) =>
    bySource.get(source) === true || statusMessage.toLowerCase().includes(needle) || attributes.some(has);
}

/** `GET /api/v1/traces/{id}/find`: the spans of a trace that say a text where only the server sees it. */
export function findRoute(app: HttpApp, options: TraceApiOptions): void {
  app.get(
    '/api/v1/traces/:id/find',
    {
      schema: {
        tags: ['traces'],
        summary: 'Spans of a trace whose attributes, resource or status message contain a text',
        params: z.object({ id: z.string() }),
        querystring: z.object({
          q: z.string().trim().min(2).max(500).describe('In any case; `key=value` finds an attribute.'),
        }),
        response: { 200: foundAnswer },
      },
    },
    ({ tenant, params, query }, reply) =>
      options.guard.run('find', reply, async (asking) => {
        const { trace, warnings } = await loadOne(options, tenant, params.id, asking);
        const matches = says(query.q.toLowerCase(), trace.sources);
        const found: string[] = [];
        let total = 0;
        const visited = visitSliced(trace.spans, (span) => {
          if (!matches(span)) return;
          total++;
          if (found.length < MOST_FOUND) found.push(span.spanId);
        });
        await inSlices(visited, options.breathe);
        return { total, span_id: found, warnings: [...warnings] };
      }),
  );
}
