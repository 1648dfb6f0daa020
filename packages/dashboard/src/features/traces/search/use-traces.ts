import { useQuery } from '@tanstack/react-query';
import { apiUrl } from '../../../api/base.ts';
import { request } from '../../../api/client.ts';
import { useLive } from '../../../live/provider.tsx';
import { refreshMillis, type TimeRange, windowOf } from '../../../time/range.ts';
import { rangeKey } from '../../../time/use-range.ts';
import { namesSchema, pointsSchema, searchSchema } from '../contracts.ts';
import type { TracesSearch } from './search.ts';

/** Traces of the list: nobody reads more; the plot shows where others are. */
export const MOST_TRACES = 200;

const common = { retry: false, gcTime: 60_000 } as const;

/** The filters of a search as the server takes them. `attribute` may repeat, so the path carries all. */
function filterPath(path: string, search: TracesSearch, range: TimeRange, more: Record<string, string> = {}) {
  const { service, operation, tag = [], min, max, error } = search;
  const within =
    range.kind === 'relative'
      ? windowOf(range)
      : { start: String(Math.floor(range.from)), end: String(Math.ceil(range.to)) };
  const own = apiUrl('', {
    ...within,
    service,
    operation,
    min_duration: min,
    max_duration: max,
    error: error === true ? 'true' : undefined,
    ...more,
  });
  const tags = tag.map((text) => `&attribute=${encodeURIComponent(text)}`).join('');
  return `${path}${own.slice(own.indexOf('?'))}${tags}`;
}

/** What a search asks for, as part of a query's name. */
export function searchKey({ service, operation, tag, min, max, error, sort }: TracesSearch): string {
  return JSON.stringify([service, operation, tag, min, max, error, sort]);
}

/** The traces of a search; asked again by itself unless the reader holds them. */
export function useTraces(search: TracesSearch, range: TimeRange, held: boolean) {
  const { paused } = useLive();
  const key = searchKey(search);
  return useQuery({
    ...common,
    queryKey: ['traces', key, rangeKey(range)],
    queryFn: ({ signal }) =>
      request(
        filterPath('api/v1/traces', search, range, {
          limit: String(MOST_TRACES),
          order: search.sort === 'slowest' ? 'slowest' : 'newest',
        }),
        searchSchema,
        {
          signal,
        },
      ),
    refetchInterval: paused || held ? false : refreshMillis(range),
    placeholderData: (previous, before) =>
      before?.queryKey[1] === key && before.queryKey[2] === rangeKey(range) ? previous : undefined,
  });
}

/** The durations of the traces of a search, over the whole range. */
export function usePoints(search: TracesSearch, range: TimeRange, held: boolean) {
  const { paused } = useLive();
  const key = searchKey({ ...search, sort: undefined });
  return useQuery({
    ...common,
    structuralSharing: false,
    queryKey: ['trace-points', key, rangeKey(range)],
    queryFn: ({ signal }) =>
      request(filterPath('api/v1/traces/points', search, range), pointsSchema, { signal }),
    refetchInterval: paused || held ? false : refreshMillis(range),
    placeholderData: (previous, before) =>
      before?.queryKey[1] === key && before.queryKey[2] === rangeKey(range) ? previous : undefined,
  });
}

/** Services that sent spans. */
export function useTraceServices() {
  return useQuery({
    ...common,
    staleTime: 30_000,
    queryKey: ['trace-services'],
    queryFn: async ({ signal }) => (await request('jaeger/api/services', namesSchema, { signal })).data ?? [],
  });
}

export function useOperations(service: string | undefined) {
  return useQuery({
    ...common,
    staleTime: 30_000,
    enabled: service !== undefined,
    queryKey: ['trace-operations', service],
    queryFn: async ({ signal }) => {
      const path = `jaeger/api/services/${encodeURIComponent(service ?? '')}/operations`;
      return (await request(path, namesSchema, { signal })).data ?? [];
    },
  });
}
