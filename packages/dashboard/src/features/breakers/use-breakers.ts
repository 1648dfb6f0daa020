import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { useLive } from '../../live/provider.tsx';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import {
  type Action,
  commandsSchema,
  fleetSchema,
  givenSchema,
  historySchema,
  proposalsSchema,
} from './contracts.ts';

/** The stream tells when to ask again; this is the safety net, and what moves counts. */
const REFRESH_MS = 15_000;

function useRefresh(): number | false {
  const { paused } = useLive();
  return paused ? false : REFRESH_MS;
}

export function useFleet() {
  return useQuery({
    queryKey: keys.breakers('fleet'),
    queryFn: ({ signal }) => request('api/v1/breakers', fleetSchema, { signal }),
    refetchInterval: useRefresh(),
  });
}

/** Of one breaker, or of all. */
export function useTransitions(of?: { readonly service: string; readonly name: string }) {
  return useQuery({
    queryKey: [...keys.breakers('history'), of?.service ?? '', of?.name ?? ''],
    queryFn: ({ signal }) =>
      request('api/v1/breakers/history', historySchema, {
        signal,
        params: { window: '7d', limit: '100', service: of?.service, breaker: of?.name },
      }),
    refetchInterval: useRefresh(),
  });
}

export function useCommands() {
  return useQuery({
    queryKey: keys.breakers('commands'),
    queryFn: ({ signal }) =>
      request('api/v1/breakers/commands', commandsSchema, { signal, params: { limit: '50' } }),
    refetchInterval: useRefresh(),
  });
}

export function useProposals() {
  return useQuery({
    queryKey: keys.breakers('proposals'),
    queryFn: ({ signal }) => request('api/v1/breakers/proposals', proposalsSchema, { signal }),
    staleTime: 300_000,
    retry: false,
  });
}

export interface Wish {
  readonly action: Action;
  readonly service: string;
  readonly breaker: string;
  readonly instance: string | undefined;
  readonly for: string | undefined;
  readonly reason: string;
}

export function useCommand(done: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) =>
      request('api/v1/breakers/commands', givenSchema, { method: 'POST', body: wish }),
    onSuccess: () => {
      toastDone('The command is on its way');
      void queries.invalidateQueries({ queryKey: keys.breakers('all') });
      done();
    },
    onError: (error: Error) => toastFailed('The command was not given', error),
  });
}
