import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { request } from '../../api/client.ts';
import { boundsOf, type TimeRange } from '../../time/range.ts';
import { rangeKey } from '../../time/use-range.ts';
import { dotsOf, type Exemplar, exemplarsSchema } from './exemplars.ts';

/** The exemplars of the queries' metrics over the range, as dots; the first failure beside them. */
export function useExemplars(queries: readonly string[], range: TimeRange, wanted: boolean) {
  const results = useQueries({
    queries: queries.map((text) => ({
      enabled: wanted,
      retry: false,
      queryKey: ['exemplars', text, rangeKey(range)],
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const { from, to } = boundsOf(range, Date.now());
        const params = { query: text, start: String(from / 1000), end: String(to / 1000) };
        return request('api/v1/query_exemplars', exemplarsSchema, { signal, params });
      },
    })),
  });
  const stamp = results.map(({ dataUpdatedAt }) => dataUpdatedAt).join(' ');
  const dots = useMemo<readonly Exemplar[]>(
    () => (wanted ? results.flatMap(({ data }) => (data === undefined ? [] : dotsOf(data))) : []),
    // `stamp` changes whenever an answer does.
    [wanted, stamp],
  );
  return {
    dots,
    error: wanted ? (results.find(({ error }) => error !== null)?.error ?? null) : null,
    settled: wanted && results.every(({ isPending }) => !isPending),
  };
}
