import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../../api/client.ts';
import { toastFailed } from '../../ui/toast.ts';
import { eventSchema, eventsSchema, groupSchema, groupsSchema, linesSchema } from './contracts.ts';
import type { ErrorsSearch } from './search.ts';

/** Groups of one page; a reader who needs more filters. */
const MOST_GROUPS = 200;
const POLL_MS = 5000;
const MOST_LINES = '60';

export function useGroups({ q, status, service, sort }: ErrorsSearch) {
  return useQuery({
    queryKey: ['error-groups', { q, status, service, sort }],
    queryFn: ({ signal }) =>
      request('api/v1/errors/groups', groupsSchema, {
        signal,
        params: { q, status, service, sort, limit: String(MOST_GROUPS) },
      }),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
}

export function useGroup(id: string) {
  return useQuery({
    queryKey: ['error-group', id],
    queryFn: ({ signal }) =>
      request(`api/v1/errors/groups/${encodeURIComponent(id)}`, groupSchema, { signal }),
    refetchInterval: POLL_MS,
  });
}

export function useGroupEvents(id: string) {
  return useQuery({
    queryKey: ['error-group-events', id],
    queryFn: ({ signal }) =>
      request(`api/v1/errors/groups/${encodeURIComponent(id)}/events`, eventsSchema, {
        signal,
        params: { limit: '50' },
      }),
    refetchInterval: POLL_MS,
  });
}

export function useErrorEvent(id: string) {
  return useQuery({
    queryKey: ['error-event', id],
    queryFn: ({ signal }) =>
      request(`api/v1/errors/events/${encodeURIComponent(id)}`, eventSchema, { signal }),
    enabled: id !== '',
    placeholderData: keepPreviousData,
  });
}

/** What the services of a trace wrote around an error, the oldest first. */
export function useLinesAround(traceId: string, at: number) {
  return useQuery({
    queryKey: ['error-lines', traceId, at],
    queryFn: async ({ signal }) => {
      const params = {
        trace_id: traceId,
        start: String(at - 600_000),
        end: String(at + 60_000),
        limit: MOST_LINES,
      };
      const { logs } = await request('api/logs', linesSchema, { signal, params });
      return logs.toReversed();
    },
    enabled: traceId !== '' && at > 0,
  });
}

export type Decision = 'resolve' | 'ignore' | 'reopen';

/** Decides upon a group; the answer is its new state. */
export function useDecision(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ decision, body }: { readonly decision: Decision; readonly body: object }) =>
      request(`api/v1/errors/groups/${encodeURIComponent(id)}/${decision}`, groupSchema, {
        method: 'POST',
        body,
      }),
    onSuccess: async (group) => {
      client.setQueryData(['error-group', id], group);
      await client.invalidateQueries({ queryKey: ['error-groups'] });
    },
    onError: (error) => toastFailed('The group is as it was', error),
  });
}
