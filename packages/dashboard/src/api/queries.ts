import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { useLive } from '../live/provider.tsx';
import { refreshMillis, type TimeRange, windowOf } from '../time/range.ts';
import { rangeKey } from '../time/use-range.ts';
import { request } from './client.ts';
import {
  alertCountsSchema,
  annotationsSchema,
  healthSchema,
  historySchema,
  performanceSchema,
  servicesSchema,
  summarySchema,
  targetsSchema,
} from './contracts.ts';
import { ALL_SERVICES, keys } from './keys.ts';

/** Goes on showing the last answer while the next comes, but never that of another service. */
function keepOf(subject: string) {
  return <T>(
    previous: T | undefined,
    query: { readonly queryKey: readonly unknown[] } | undefined,
  ): T | undefined => (query?.queryKey[1] === subject ? previous : undefined);
}

const POLL_MS = 5000;
/** With a live stream a poll is only the safety net. */
const SAFETY_MS = 30_000;

/** How often to ask for what the stream also brings. */
function usePushedInterval(): number | false {
  const { connection, paused } = useLive();
  if (paused) return false;
  return connection === 'live' ? SAFETY_MS : POLL_MS;
}

/** How often to ask for what only requests bring. */
function useInterval(millis: number | false): number | false {
  const { paused } = useLive();
  return paused ? false : millis;
}

export function useHealth() {
  return useQuery({
    queryKey: keys.health(),
    queryFn: ({ signal }) => request('api/health', healthSchema, { signal }),
    refetchInterval: usePushedInterval(),
  });
}

const countedAlerts = z.object({ counts: alertCountsSchema });

/** How many alerts fire, are pending, and are kept quiet. */
export function useAlertCounts() {
  return useQuery({
    queryKey: keys.alerts('counts'),
    queryFn: async ({ signal }) =>
      (await request('api/v1/alerting/alerts', countedAlerts, { signal, params: { limit: '0' } })).counts,
    refetchInterval: usePushedInterval(),
    // A tenant without alerts has no door for them either.
    retry: false,
  });
}

/** That of the stream's summaries, so that both say the same. */
const SUMMARY_WINDOW = '1m';

export function useSummary() {
  return useQuery({
    queryKey: keys.summary(),
    queryFn: ({ signal }) =>
      request('api/summary', summarySchema, { signal, params: { window: SUMMARY_WINDOW } }),
    refetchInterval: usePushedInterval(),
  });
}

/** Curves over the range: of one service, or of all without a name. */
export function usePerformance(service: string | undefined, range: TimeRange) {
  return useQuery({
    queryKey: keys.performance(service, rangeKey(range)),
    queryFn: ({ signal }) =>
      request('api/performance', performanceSchema, {
        signal,
        params: { service, ...windowOf(range) },
      }),
    refetchInterval: useInterval(refreshMillis(range)),
    placeholderData: keepOf(service ?? ALL_SERVICES),
  });
}

export function useHistory(service: string, range: TimeRange) {
  return useQuery({
    queryKey: keys.history(service, rangeKey(range)),
    queryFn: ({ signal }) =>
      request('api/health/history', historySchema, {
        signal,
        params: { service, ...windowOf(range) },
      }),
    refetchInterval: useInterval(refreshMillis(range)),
    placeholderData: keepOf(service),
  });
}

export function useAnnotations() {
  return useQuery({
    queryKey: keys.annotations(),
    queryFn: ({ signal }) => request('api/v1/annotations', annotationsSchema, { signal }),
    refetchInterval: useInterval(60_000),
  });
}

export function useServiceFacts() {
  return useQuery({
    queryKey: keys.services(),
    queryFn: ({ signal }) => request('api/services', servicesSchema, { signal }),
    refetchInterval: useInterval(10_000),
  });
}

export function useTargets() {
  return useQuery({
    queryKey: keys.targets(),
    queryFn: ({ signal }) => request('api/v1/targets', targetsSchema, { signal }),
    refetchInterval: useInterval(5000),
  });
}
