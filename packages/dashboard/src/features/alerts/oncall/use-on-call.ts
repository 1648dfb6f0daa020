import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { request } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { useLive } from '../../../live/provider.tsx';
import { rememberedAuthor } from '../../../ui/author.ts';
import {
  acknowledgedSchema,
  overrideSchema,
  pageSchema,
  pagesSchema,
  policiesSchema,
  schedulesSchema,
  statisticsSchema,
  weeksSchema,
} from './contracts.ts';

const ON_CALL = 'api/v1/oncall';
/** Somebody else may acknowledge, and the next level be told. */
const POLL_MS = 5000;
const SLOW_POLL_MS = 60_000;
const WEEK_MS = 7 * 86_400_000;
export const WEEKS_SHOWN = 4;
const MOST_PAGES = '500';

function useEvery(ms: number): number | false {
  const { paused } = useLive();
  return paused ? false : ms;
}

export function useSchedules() {
  return useQuery({
    queryKey: keys.onCall('schedules'),
    queryFn: ({ signal }) => request(`${ON_CALL}/schedules`, schedulesSchema, { signal }),
    refetchInterval: useEvery(SLOW_POLL_MS),
  });
}

/** The weeks of a schedule from the one `later` weeks from now. */
export function useWeeks(schedule: string, later: number) {
  return useQuery({
    queryKey: [...keys.onCall('weeks'), schedule, later],
    queryFn: ({ signal }) =>
      request(`${ON_CALL}/schedules/${encodeURIComponent(schedule)}/weeks`, weeksSchema, {
        signal,
        params: { at: String(Math.round(Date.now() + later * WEEK_MS)), weeks: String(WEEKS_SHOWN) },
      }),
    placeholderData: keepPreviousData,
    refetchInterval: useEvery(SLOW_POLL_MS),
  });
}

export function usePolicies() {
  return useQuery({
    queryKey: keys.onCall('policies'),
    queryFn: ({ signal }) => request(`${ON_CALL}/policies`, policiesSchema, { signal }),
  });
}

export function useOpenPages() {
  return useQuery({
    queryKey: [...keys.onCall('pages'), 'open'],
    queryFn: ({ signal }) =>
      request(`${ON_CALL}/pages`, pagesSchema, {
        signal,
        params: { state: ['escalating', 'exhausted', 'acknowledged'], limit: MOST_PAGES },
      }),
    refetchInterval: useEvery(POLL_MS),
  });
}

/** Pages of the last 30 days. */
export function useStatistics() {
  return useQuery({
    queryKey: keys.onCall('statistics'),
    queryFn: ({ signal }) => request(`${ON_CALL}/statistics`, statisticsSchema, { signal }),
    refetchInterval: useEvery(SLOW_POLL_MS),
  });
}

/** What somebody who sits here does says who it is, where no login does. */
function byMe(): { readonly by?: string } {
  const by = rememberedAuthor().trim();
  return by === '' ? {} : { by };
}

/** Alerts show who acknowledged: they are asked again, too. */
function useRefresh(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await Promise.all(
      [keys.onCall('all'), keys.alerts('all')].map((queryKey) => queries.invalidateQueries({ queryKey })),
    );
  };
}

export type PageAct = 'acknowledge' | 'unacknowledge' | 'escalate';

export function usePageAct() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, act }: { readonly id: string; readonly act: PageAct }) =>
      request(`${ON_CALL}/pages/${encodeURIComponent(id)}/${act}`, pageSchema, {
        method: 'POST',
        body: byMe(),
      }),
    onSettled: refresh,
  });
}

/** Many at once. */
export function useAcknowledge() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (pages: readonly string[]) =>
      request(`${ON_CALL}/acknowledge`, acknowledgedSchema, { method: 'POST', body: { pages, ...byMe() } }),
    onSettled: refresh,
  });
}

/** Epoch ms. */
export interface WantedOverride {
  readonly schedule: string;
  readonly person: string;
  readonly from: number;
  readonly until: number;
}

export function useStandIn() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ schedule, ...body }: WantedOverride) =>
      request(`${ON_CALL}/schedules/${encodeURIComponent(schedule)}/overrides`, overrideSchema, {
        method: 'POST',
        body,
      }),
    onSuccess: refresh,
  });
}

export function useEndStandIn() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ schedule, id }: { readonly schedule: string; readonly id: string }) =>
      request(
        `${ON_CALL}/schedules/${encodeURIComponent(schedule)}/overrides/${encodeURIComponent(id)}`,
        z.unknown(),
        { method: 'DELETE' },
      ),
    onSuccess: refresh,
  });
}
