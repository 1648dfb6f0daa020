import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { useLive } from '../../../live/provider.tsx';
import { type AlertIncident, accountSchema, causeSchema, incidentSchema, listSchema } from './contracts.ts';

const INCIDENTS = 'api/v1/incidents';
const POLL_MS = 10_000;
const MOST_LISTED = '500';
/** It costs the server more than the incident itself. */
const CAUSE_POLL_MS = 60_000;

function usePolling(every = POLL_MS): number | false {
  const { paused } = useLive();
  return paused ? false : every;
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

/** What is suspected to be the cause of an incident: asked again when it changes, and once a minute while it lasts. */
export function useSuspects({ id, started_at: startedAt, ended_at: endedAt, services }: AlertIncident) {
  const polling = usePolling(CAUSE_POLL_MS);
  return useQuery({
    queryKey: keys.alertIncidents('cause', id, `${startedAt}`, `${endedAt ?? ''}`, ...services),
    queryFn: ({ signal }) =>
      request(`${INCIDENTS}/${encodeURIComponent(id)}/root_cause`, causeSchema, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: endedAt === null ? polling : false,
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
