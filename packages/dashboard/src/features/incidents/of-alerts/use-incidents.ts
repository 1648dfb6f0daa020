import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { useLive } from '../../../live/provider.tsx';
import {
  type AlertIncident,
  accountSchema,
  incidentSchema,
  listSchema,
  rootCauseSchema,
} from './contracts.ts';

const INCIDENTS = 'api/v1/incidents';
const POLL_MS = 10_000;
const MOST_LISTED = '500';
/** A cause is looked for in what was shortly before. */
const BEFORE_MS = 600_000;
const LEAST_WINDOW_S = 300;
const MOST_WINDOW_S = 86_400;
const SETTLED_MS = 60_000;

function usePolling(): number | false {
  const { paused } = useLive();
  return paused ? false : POLL_MS;
}

/** Those that are known, of one service with a name; the newest first. */
export function useIncidentList(service?: string) {
  return useQuery({
    queryKey: keys.alertIncidents('list', service ?? ''),
    queryFn: ({ signal }) =>
      request(INCIDENTS, listSchema, { signal, params: { service, limit: MOST_LISTED } }),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling(),
  });
}

/** The newest incident that an alert is or was part of. */
export function useIncidentOf(fingerprint: string) {
  return useQuery({
    queryKey: keys.alertIncidents('of', fingerprint),
    queryFn: ({ signal }) => request(INCIDENTS, listSchema, { signal, params: { fingerprint, limit: '1' } }),
    refetchInterval: usePolling(),
  });
}

/** One with its timeline; an error of status 404 where there is none. */
export function useIncident(id: string) {
  return useQuery({
    queryKey: keys.alertIncidents('one', id),
    queryFn: ({ signal }) => request(`${INCIDENTS}/${encodeURIComponent(id)}`, accountSchema, { signal }),
    refetchInterval: usePolling(),
    retry: false,
  });
}

/** What the analysis suspects of the time of an incident. */
export function useSuspects({ id, started_at: startedAt, ended_at: endedAt }: AlertIncident, now: number) {
  // To the minute: what is asked again and again is asked once a minute.
  const end = Math.ceil((endedAt ?? now) / SETTLED_MS) * SETTLED_MS;
  const seconds = Math.ceil((end - startedAt + BEFORE_MS) / 1000);
  const window = `${Math.min(MOST_WINDOW_S, Math.max(LEAST_WINDOW_S, seconds))}s`;
  return useQuery({
    queryKey: keys.alertIncidents('cause', id, window, String(endedAt === null ? '' : end)),
    queryFn: ({ signal }) =>
      request('api/root_cause', rootCauseSchema, {
        signal,
        params: { window, ...(endedAt !== null && { end: String(Math.min(end, now)) }) },
      }),
    placeholderData: keepPreviousData,
    refetchInterval: false,
    retry: false,
  });
}

/** An act: the last part of its path, none to change the incident itself. */
export interface WantedAct {
  readonly what: '' | 'notes' | 'resolve' | 'reopen' | 'merge' | 'unmerge' | 'split';
  readonly body: Readonly<Record<string, unknown>>;
}

export function useAct(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ what, body }: WantedAct) =>
      request(`${INCIDENTS}/${encodeURIComponent(id)}${what === '' ? '' : `/${what}`}`, incidentSchema, {
        method: what === '' ? 'PATCH' : 'POST',
        body,
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.alertIncidents('all') }),
  });
}
