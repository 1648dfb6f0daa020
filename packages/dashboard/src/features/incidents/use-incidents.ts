import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { request } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { useLive } from '../../live/provider.tsx';
import { refreshMillis, type TimeRange, windowOf } from '../../time/range.ts';
import { rangeKey } from '../../time/use-range.ts';
import { incidentsSchema } from './contracts.ts';

/** The incidents of a range and every service's states over it; of one service with a name. */
export function useIncidents(range: TimeRange, service: string | undefined) {
  const { paused } = useLive();
  return useQuery({
    queryKey: keys.incidents(service, rangeKey(range)),
    queryFn: ({ signal }) =>
      request('api/health/incidents', incidentsSchema, {
        signal,
        params: { ...windowOf(range), service },
      }),
    refetchInterval: paused ? false : refreshMillis(range),
    placeholderData: keepPreviousData,
  });
}
