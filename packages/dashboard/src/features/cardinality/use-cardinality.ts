import { useQuery } from '@tanstack/react-query';
import { request } from '../../api/client.ts';
import { useLive } from '../../live/provider.tsx';
import { growthSchema, limitsSchema, reportSchema } from './contracts.ts';

const DAYS = 14;

export function useReport() {
  const { paused } = useLive();
  return useQuery({
    queryKey: ['cardinality'],
    queryFn: ({ signal }) =>
      request('api/v1/cardinality', reportSchema, { signal, params: { limit: '100' } }),
    refetchInterval: paused ? false : 30_000,
  });
}

export function useGrowth() {
  return useQuery({
    queryKey: ['cardinality', 'growth'],
    queryFn: ({ signal }) =>
      request('api/v1/cardinality/growth', growthSchema, {
        signal,
        params: { days: String(DAYS), limit: '20' },
      }),
    staleTime: 300_000,
    retry: false,
  });
}

/** What Pharos refused for a limit, from its metrics about itself. */
const REFUSED = '{__name__=~"pharos_.*(refused|limit|exceeded).*_total"} > 0';

export function useRefusals() {
  const { paused } = useLive();
  return useQuery({
    queryKey: ['cardinality', 'refusals'],
    queryFn: ({ signal }) => request('api/v1/query', limitsSchema, { signal, params: { query: REFUSED } }),
    refetchInterval: paused ? false : 30_000,
    retry: false,
  });
}
