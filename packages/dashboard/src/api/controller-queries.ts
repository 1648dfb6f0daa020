import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { useLive } from '../live/provider.tsx';
import { ApiError, request } from './client.ts';
import {
  faultSchema,
  faultsSchema,
  type Traffic,
  trafficSchema,
  truthSchema,
  type VerdictMode,
  verdictsSchema,
} from './controller.ts';
import { keys } from './keys.ts';

const POLL_MS = 2000;
/** Without a shop there is little to ask for. */
const ABSENT_POLL_MS = 15_000;
const BASE = 'api/controller';

function useInterval() {
  const { paused } = useLive();
  return (query: { readonly state: { readonly error: Error | null } }): number | false => {
    if (paused) return false;
    return isAbsent(query.state.error) ? ABSENT_POLL_MS : POLL_MS;
  };
}

export function useFaults() {
  return useQuery({
    queryKey: keys.controller('faults'),
    queryFn: ({ signal }) => request(`${BASE}/faults`, faultsSchema, { signal }),
    refetchInterval: useInterval(),
  });
}

export function useTraffic() {
  return useQuery({
    queryKey: keys.controller('traffic'),
    queryFn: ({ signal }) => request(`${BASE}/traffic`, trafficSchema, { signal }),
    refetchInterval: useInterval(),
  });
}

export function useVerdicts() {
  return useQuery({
    queryKey: keys.controller('verdicts'),
    queryFn: ({ signal }) => request(`${BASE}/verdicts`, verdictsSchema, { signal }),
    retry: false,
    staleTime: ABSENT_POLL_MS,
  });
}

export function useTruth() {
  return useQuery({
    queryKey: keys.controller('truth'),
    queryFn: ({ signal }) => request(`${BASE}/truth`, truthSchema, { signal, params: { limit: '1000' } }),
    refetchInterval: useInterval(),
  });
}

/** Whether an error means that no shop runs here, rather than that something broke. */
export function isAbsent(error: Error | null): boolean {
  return error instanceof ApiError && [404, 502, 503, 504].includes(error.status);
}

export interface FaultOrder {
  readonly kind: string;
  readonly service: string;
  readonly params: Readonly<Record<string, number | string>>;
  readonly duration_seconds?: number;
}

function useChange<T>(change: (order: T) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.controller('all') }),
  });
}

export function useStartFault() {
  return useChange((order: FaultOrder) =>
    request(`${BASE}/faults`, faultSchema, { method: 'POST', body: order }),
  );
}

/** Ends one fault, or all without an id. */
export function useEndFault() {
  return useChange((id: string | null) =>
    request(id === null ? `${BASE}/faults` : `${BASE}/faults/${encodeURIComponent(id)}`, z.unknown(), {
      method: 'DELETE',
    }),
  );
}

export function useSetTraffic() {
  return useChange((order: Partial<Pick<Traffic, 'mode' | 'rate' | 'period_seconds' | 'users'>>) =>
    request(`${BASE}/traffic`, trafficSchema, { method: 'POST', body: order }),
  );
}

export function useSetVerdicts() {
  return useChange((mode: VerdictMode) =>
    request(`${BASE}/verdicts`, verdictsSchema, { method: 'POST', body: { mode } }),
  );
}
