import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { useLive } from '../../live/provider.tsx';
import { type TimeRange, windowOf } from '../../time/range.ts';
import { rangeKey } from '../../time/use-range.ts';
import {
  type ApiMatcher,
  alertSchema,
  alertsSchema,
  deliveriesSchema,
  type Labels,
  previewSchema,
  routedSchema,
  routesSchema,
  ruleSchema,
  rulesSchema,
  silencesSchema,
  whySchema,
} from './contracts.ts';
import type { AlertsSearch, DeliveriesSearch } from './search.ts';

const ALERTING = 'api/v1/alerting';
/** The stream tells when there are more or fewer; that others took their place is asked for. */
const POLL_MS = 10_000;
const MOST_ALERTS = '5000';
const MOST_DELIVERIES = '1000';

function usePolling(): number | false {
  const { paused } = useLive();
  return paused ? false : POLL_MS;
}

export function useAlerts({ f = [], state, receiver }: AlertsSearch) {
  return useQuery({
    queryKey: [...keys.alerts('list'), f, state ?? '', receiver ?? ''],
    queryFn: ({ signal }) =>
      request(`${ALERTING}/alerts`, alertsSchema, {
        signal,
        params: { filter: f, state, receiver, limit: MOST_ALERTS },
      }),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling(),
    retry: false,
  });
}

/** One alert; an error of status 404 when it is over. */
export function useAlert(fingerprint: string) {
  return useQuery({
    queryKey: [...keys.alerts('one'), fingerprint],
    queryFn: ({ signal }) =>
      request(`${ALERTING}/alerts/${encodeURIComponent(fingerprint)}`, alertSchema, { signal }),
    refetchInterval: usePolling(),
    retry: false,
  });
}

/** Every decision about an alert. */
export function useWhy(fingerprint: string) {
  return useQuery({
    queryKey: [...keys.alerts('why'), fingerprint],
    queryFn: ({ signal }) =>
      request(`${ALERTING}/alerts/${encodeURIComponent(fingerprint)}/why`, whySchema, { signal }),
    refetchInterval: usePolling(),
    retry: false,
  });
}

export function useRules() {
  return useQuery({
    queryKey: keys.alerts('rules'),
    queryFn: ({ signal }) => request(`${ALERTING}/rules`, rulesSchema, { signal }),
    refetchInterval: usePolling(),
  });
}

export function useRule(id: string) {
  return useQuery({
    queryKey: [...keys.alerts('rules'), id],
    queryFn: ({ signal }) => request(`${ALERTING}/rules/${encodeURIComponent(id)}`, ruleSchema, { signal }),
    refetchInterval: usePolling(),
    retry: false,
  });
}

export function useSilences() {
  return useQuery({
    queryKey: keys.alerts('silences'),
    queryFn: ({ signal }) => request('api/v2/silences', silencesSchema, { signal }),
    refetchInterval: usePolling(),
  });
}

/** The alerts that these matchers touch now. */
export function usePreview(matchers: readonly ApiMatcher[]) {
  const whole = matchers.filter(({ name }) => name.trim() !== '');
  return useQuery({
    queryKey: [...keys.alerts('list'), 'preview', whole],
    queryFn: ({ signal }) =>
      request(`${ALERTING}/silences/preview`, previewSchema, {
        signal,
        method: 'POST',
        body: { matchers: whole },
      }),
    enabled: whole.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** What somebody asks for of a silence; an id changes that one. Times in epoch ms. */
export interface WantedSilence {
  readonly id: string | null;
  readonly matchers: readonly ApiMatcher[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
}

const made = z.object({ silenceID: z.string() });

export function useSaveSilence() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, startsAt, endsAt, ...silence }: WantedSilence) =>
      request('api/v2/silences', made, {
        method: 'POST',
        body: {
          ...silence,
          ...(id !== null && { id }),
          startsAt: new Date(startsAt).toISOString(),
          endsAt: new Date(endsAt).toISOString(),
        },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.alerts('all') }),
  });
}

/** Ends silences now. */
export function useExpireSilence() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      request(`api/v2/silence/${encodeURIComponent(id)}`, z.unknown(), { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.alerts('all') }),
  });
}

export function useRoutes() {
  return useQuery({
    queryKey: keys.alerts('routes'),
    queryFn: ({ signal }) => request(`${ALERTING}/routes`, routesSchema, { signal }),
  });
}

/** The way of labels through the routes; nothing is asked without labels. */
export function useRouted(labels: Labels | null) {
  return useQuery({
    queryKey: [...keys.alerts('routes'), 'test', labels],
    queryFn: ({ signal }) =>
      request(`${ALERTING}/routes/test`, routedSchema, { signal, method: 'POST', body: { labels } }),
    enabled: labels !== null,
    placeholderData: keepPreviousData,
  });
}

export function useDeliveries(range: TimeRange, { receiver, state }: DeliveriesSearch) {
  const { paused } = useLive();
  return useQuery({
    queryKey: [...keys.alerts('deliveries'), rangeKey(range), receiver ?? '', state ?? ''],
    queryFn: ({ signal }) =>
      request(`${ALERTING}/deliveries`, deliveriesSchema, {
        signal,
        params: { ...windowOf(range), receiver, state, limit: MOST_DELIVERIES },
      }),
    placeholderData: keepPreviousData,
    refetchInterval: paused || range.kind === 'absolute' ? false : POLL_MS,
  });
}
