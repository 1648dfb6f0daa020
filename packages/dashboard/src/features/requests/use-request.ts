import { useQuery } from '@tanstack/react-query';
import { request } from '../../api/client.ts';
import { type TimeRange, windowOf } from '../../time/range.ts';
import { rangeKey } from '../../time/use-range.ts';
import { linesSchema, tracesSchema } from './contracts.ts';

const MOST_TRACES = 20;
const MOST_LINES = 500;

/** The traces with a span that carries the id of a request. */
export function useRequestTraces(id: string, range: TimeRange) {
  return useQuery({
    queryKey: ['request-traces', id, rangeKey(range)],
    queryFn: ({ signal }) =>
      request('api/v1/traces', tracesSchema, {
        signal,
        params: { ...windowOf(range), attribute: `request_id=${id}`, limit: String(MOST_TRACES) },
      }),
  });
}

/** What every service wrote for a request, the oldest first. */
export function useRequestLines(id: string, range: TimeRange) {
  return useQuery({
    queryKey: ['request-lines', id, rangeKey(range)],
    queryFn: async ({ signal }) => {
      const params = { ...windowOf(range), request_id: id, limit: String(MOST_LINES) };
      const { logs, next } = await request('api/logs', linesSchema, { signal, params });
      return { lines: logs.toSorted((a, b) => a.time_ns - b.time_ns), more: next !== null };
    },
  });
}
