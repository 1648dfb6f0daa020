import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import {
  type Impact,
  incidentSchema,
  incidentsSchema,
  type Phase,
  pageSchema,
  probeNameSchema,
  probeNamesSchema,
  type StatusPage,
  subscribersSchema,
} from './contracts.ts';

const BASE = 'api/v1/status-page';
const KEY = ['status-page'] as const;
const nothing = z.unknown();

export function useStatusPage() {
  return useQuery({
    queryKey: [...KEY, 'page'],
    queryFn: ({ signal }) => request(BASE, pageSchema, { signal }),
    // What is being edited must not change under the reader's hands.
    refetchOnWindowFocus: false,
  });
}

export function useIncidents() {
  return useQuery({
    queryKey: [...KEY, 'incidents'],
    queryFn: ({ signal }) => request(`${BASE}/incidents`, incidentsSchema, { signal }),
  });
}

export function useSubscribers() {
  return useQuery({
    queryKey: [...KEY, 'subscribers'],
    queryFn: ({ signal }) => request(`${BASE}/subscribers`, subscribersSchema, { signal }),
  });
}

/** Probes whose names have the words. */
export function useProbeNames(q: string) {
  return useQuery({
    queryKey: [...KEY, 'probes', q],
    queryFn: ({ signal }) =>
      request('api/v1/probes', probeNamesSchema, { signal, params: { q, limit: '100' } }),
    placeholderData: (before) => before,
  });
}

/** What a probe is called inside; undefined while that is not known. */
export function useProbeName(id: string | null): string | undefined {
  const { data } = useQuery({
    queryKey: [...KEY, 'probe', id ?? ''],
    queryFn: ({ signal }) =>
      request(`api/v1/probes/${encodeURIComponent(id ?? '')}`, probeNameSchema, { signal }),
    enabled: id !== null && id !== '',
    staleTime: 60_000,
    retry: false,
  });
  return data?.name;
}

export interface NewIncident {
  readonly title: string;
  readonly impact: Impact;
  readonly components: readonly string[];
  readonly phase: Phase;
  readonly text: string;
}

export function useStatusPageActions() {
  const queries = useQueryClient();
  const changed = (): void => void queries.invalidateQueries({ queryKey: KEY });
  return {
    /** Errors are shown by who asks. */
    save: useMutation({
      mutationFn: ({ page, version }: { page: StatusPage; version: number }) =>
        request(BASE, pageSchema, { method: 'PUT', body: page, params: { version: String(version) } }),
      onSuccess: () => {
        toastDone('The status page is saved');
        changed();
      },
    }),
    tell: useMutation({
      mutationFn: (body: NewIncident) =>
        request(`${BASE}/incidents`, incidentSchema, { method: 'POST', body }),
      onSuccess: changed,
    }),
    update: useMutation({
      mutationFn: ({ id, ...body }: { id: string; phase: Phase; text: string }) =>
        request(`${BASE}/incidents/${encodeURIComponent(id)}/updates`, incidentSchema, {
          method: 'POST',
          body,
        }),
      onSuccess: changed,
    }),
    remove: useMutation({
      mutationFn: (path: string) => request(`${BASE}/${path}`, nothing, { method: 'DELETE' }),
      onSuccess: changed,
      onError: (error: Error) => toastFailed('It was not removed', error),
    }),
  };
}
