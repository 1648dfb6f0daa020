import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { request } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { useLive } from '../../live/provider.tsx';
import { toastFailed } from '../../ui/toast.ts';
import { eventSchema, eventsSchema, groupSchema, groupsSchema, linesSchema } from './contracts.ts';
import type { ErrorsSearch } from './search.ts';

const FIRST_PAGE: string | undefined = undefined;
const GROUPS_PER_PAGE = '100';
const EVENTS_PER_PAGE = '50';
/** The stream tells of new groups and of decisions; counts that rise are asked for. */
const POLL_MS = 10_000;
const MOST_LINES = '60';

function usePolling(): number | false {
  const { paused } = useLive();
  return paused ? false : POLL_MS;
}

/** Groups page by page; all that were opened are kept up to date. */
export function useGroups({ q, status, service, sort }: ErrorsSearch) {
  return useInfiniteQuery({
    queryKey: [...keys.errors('groups'), { q, status, service, sort }],
    queryFn: ({ signal, pageParam }) =>
      request('api/v1/errors/groups', groupsSchema, {
        signal,
        params: { q, status, service, sort, limit: GROUPS_PER_PAGE, cursor: pageParam },
      }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: usePolling(),
  });
}

/** Other groups that have these words, for whoever looks for the same problem. */
export function useOtherGroups(id: string, q: string) {
  return useQuery({
    queryKey: [...keys.errors('groups'), 'others', q],
    queryFn: ({ signal }) =>
      request('api/v1/errors/groups', groupsSchema, { signal, params: { q, limit: '20' } }),
    placeholderData: keepPreviousData,
    select: ({ groups }) => groups.filter((group) => group.id !== id),
  });
}

export function useGroup(id: string) {
  return useQuery({
    queryKey: [...keys.errors('group'), id],
    queryFn: ({ signal }) =>
      request(`api/v1/errors/groups/${encodeURIComponent(id)}`, groupSchema, { signal }),
    refetchInterval: usePolling(),
  });
}

export function useGroupEvents(id: string) {
  return useInfiniteQuery({
    queryKey: [...keys.errors('events'), id],
    queryFn: ({ signal, pageParam }) =>
      request(`api/v1/errors/groups/${encodeURIComponent(id)}/events`, eventsSchema, {
        signal,
        params: { limit: EVENTS_PER_PAGE, cursor: pageParam },
      }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: ({ next }) => next,
    refetchInterval: usePolling(),
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

export type Decision = 'resolve' | 'ignore' | 'reopen' | 'merge';

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
      client.setQueryData([...keys.errors('group'), id], group);
      await client.invalidateQueries({ queryKey: keys.errors('all') });
    },
    onError: (error) => toastFailed('The group is as it was', error),
  });
}
