import { useQuery } from '@tanstack/react-query';
import { request } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { useLive } from '../../../live/provider.tsx';
import { sloSchema, slosSchema } from './contracts.ts';

/** Burn rates are recorded every minute. */
const POLL_MS = 30_000;

export function useSlos() {
  const { paused } = useLive();
  return useQuery({
    queryKey: keys.alerts('slos'),
    queryFn: ({ signal }) => request('api/v1/slos', slosSchema, { signal }),
    refetchInterval: paused ? false : POLL_MS,
  });
}

/** One objective; an error of status 404 when there is none of that name. */
export function useSlo(name: string) {
  const { paused } = useLive();
  return useQuery({
    queryKey: [...keys.alerts('slos'), name],
    queryFn: ({ signal }) => request(`api/v1/slos/${encodeURIComponent(name)}`, sloSchema, { signal }),
    refetchInterval: paused ? false : POLL_MS,
    retry: false,
  });
}
