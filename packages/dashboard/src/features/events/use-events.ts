import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { request } from '../../api/client.ts';
import { boundsOf, refreshMillis, type TimeRange } from '../../time/range.ts';
import { rangeKey } from '../../time/use-range.ts';
import { type EventEntry, eventSchema, logsSchema, statsSchema } from './contracts.ts';
import type { EventsFilter } from './search.ts';

const BASE = 'api/v1/monitoring';
/** Events asked for at once, and most that the page holds. */
const PAGE_EVENTS = 500;
export const MOST_EVENTS = 20_000;

/** The moment up to which the list is read; now again whenever another question is asked. */
export function useAsOf(filter: EventsFilter, range: TimeRange) {
  const question = `${rangeKey(range)} ${JSON.stringify(filter)}`;
  const [state, setState] = useState(() => ({ question, at: Date.now() }));
  if (state.question !== question) setState({ question, at: Date.now() });
  const refresh = useMemo(() => () => setState((now) => ({ ...now, at: Date.now() })), []);
  return { asOf: state.at, refresh };
}

/** The events of the range, the newest first, in pages that reach ever further back. */
export function useStoredEvents(filter: EventsFilter, range: TimeRange, asOf: number) {
  const { from, to } = boundsOf(range, asOf);
  const answer = useInfiniteQuery({
    queryKey: ['events', filter, rangeKey(range), asOf],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      request(`${BASE}/logs`, logsSchema, {
        signal,
        params: {
          status: filter.status,
          decision: filter.decision,
          source: filter.source,
          event_type: filter.type,
          rule: filter.rule,
          start_time: String(Math.floor(from)),
          end_time: String(Math.floor(to)),
          limit: String(PAGE_EVENTS),
          offset: String(pageParam),
        },
      }),
    getNextPageParam: (last, pages) => {
      const loaded = pages.length * PAGE_EVENTS;
      return last.logs.length < PAGE_EVENTS || loaded >= MOST_EVENTS ? null : loaded;
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    retry: false,
    structuralSharing: false,
  });
  const pages = answer.data?.pages;
  const events = useMemo<readonly EventEntry[]>(() => (pages ?? []).flatMap(({ logs }) => logs), [pages]);
  const ids = useMemo<ReadonlySet<string>>(() => new Set(events.map(({ id }) => id)), [events]);
  return { answer, events, ids, total: pages?.[0]?.total, warnings: pages?.[0]?.warnings ?? [] };
}

/** Counts over the range; none of a fixed one, which the server does not count. */
export function useEventStats(range: TimeRange) {
  const minutes = range.kind === 'relative' ? range.seconds / 60 : 0;
  return useQuery({
    queryKey: ['event-stats', minutes],
    queryFn: ({ signal }) =>
      request(`${BASE}/stats`, statsSchema, { signal, params: { lookback_minutes: String(minutes) } }),
    enabled: minutes > 0,
    // Counts of another range would stand beside a fixed one for ever.
    ...(minutes > 0 && { placeholderData: keepPreviousData }),
    refetchInterval: refreshMillis(range),
  });
}

export function useEvent(id: string) {
  return useQuery({
    queryKey: ['event', id],
    queryFn: ({ signal }) => request(`${BASE}/logs/${encodeURIComponent(id)}`, eventSchema, { signal }),
    enabled: id !== '',
    staleTime: 60_000,
  });
}

/** Whether the page is in sight: a hidden tab needs no stream of its own. */
export function useInSight(): boolean {
  const [inSight, setInSight] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const look = (): void => setInSight(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return inSight;
}

/** A change of something below the API of events, after which all that shows it is read again. */
export function useEventsChange<Wish, Answer>(
  change: (wish: Wish) => Promise<Answer>,
  keys: readonly string[],
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
}
