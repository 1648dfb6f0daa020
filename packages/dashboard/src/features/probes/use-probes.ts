import { keepPreviousData, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { useLive } from '../../live/provider.tsx';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import {
  type Definition,
  definitionSchema,
  detailSchema,
  historySchema,
  type ProbeRow,
  testSchema,
  windowsSchema,
} from './contracts.ts';
import { BASE, PAGE, pageQuestion } from './first-page.ts';
import type { ProbesSearch } from './search.ts';

const POLL_MS = 5000;
const SLOW_POLL_MS = 60_000;

function usePoll(everyMs: number): number | false {
  const { paused } = useLive();
  return paused ? false : everyMs;
}

const at = (id: string): string => `${BASE}/${encodeURIComponent(id)}`;

/** The rows from `first` to `last`, and the first page for its counts. */
export function useProbeRows(search: ProbesSearch, first: number, last: number) {
  const refetchInterval = usePoll(POLL_MS);
  const pages = [0];
  for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++)
    if (page > 0) pages.push(page);
  const found = useQueries({
    queries: pages.map((page) => ({
      ...pageQuestion(search, page),
      // The page of the rows before a filter is not that of the rows after it.
      placeholderData: page === 0 ? keepPreviousData : undefined,
      refetchInterval,
    })),
  });
  const rowAt = (index: number): ProbeRow | undefined =>
    found[pages.indexOf(Math.floor(index / PAGE))]?.data?.probes[index % PAGE];
  const [head] = found;
  return {
    data: head?.data,
    error: head?.error ?? null,
    isPending: head?.isPending ?? true,
    retry: () => void head?.refetch(),
    rowAt,
  };
}

export function useProbe(id: string | null) {
  return useQuery({
    queryKey: keys.probes('one', id ?? ''),
    queryFn: ({ signal }) => request(at(id ?? ''), detailSchema, { signal }),
    enabled: id !== null,
    refetchInterval: usePoll(POLL_MS),
  });
}

export function useProbeHistory(id: string, hours: number) {
  return useQuery({
    queryKey: keys.probes('history', id, String(hours)),
    queryFn: ({ signal }) =>
      request(`${at(id)}/history`, historySchema, { signal, params: { hours: String(hours) } }),
    placeholderData: keepPreviousData,
    refetchInterval: usePoll(SLOW_POLL_MS),
  });
}

/** Looks once: as a probe does, or as a definition says that changes one. */
export function useTest() {
  return useMutation({
    mutationFn: ({ id, definition }: { id: string | undefined; definition: Definition | undefined }) =>
      definition === undefined
        ? request(`${at(id ?? '')}/test`, testSchema, { method: 'POST', body: {} })
        : request(`${BASE}/test`, testSchema, { method: 'POST', body: definition, params: { id } }),
  });
}

const nothing = z.unknown();

export function useProbeActions() {
  const queries = useQueryClient();
  const changed = (): void => void queries.invalidateQueries({ queryKey: keys.probes('all') });
  const failed = (error: Error): void => toastFailed('The probe was not changed', error);
  return {
    /** Errors are shown at their fields by who asks. */
    save: useMutation({
      mutationFn: ({ id, version, definition }: { id?: string; version?: number; definition: Definition }) =>
        id === undefined
          ? request(BASE, detailSchema, { method: 'POST', body: definition })
          : request(at(id), detailSchema, {
              method: 'PUT',
              body: definition,
              params: { version: version === undefined ? undefined : String(version) },
            }),
      onSuccess: ({ name }) => {
        toastDone(`The probe “${name}” is saved`);
        changed();
      },
    }),
    pause: useMutation({
      mutationFn: ({ id, paused }: { id: string; paused: boolean }) =>
        request(`${at(id)}/${paused ? 'pause' : 'resume'}`, nothing, { method: 'POST', body: {} }),
      onSuccess: changed,
      onError: failed,
    }),
    remove: useMutation({
      mutationFn: (id: string) => request(at(id), nothing, { method: 'DELETE' }),
      onSuccess: () => {
        toastDone('The probe is removed');
        changed();
      },
      onError: failed,
    }),
  };
}

export function useWindows() {
  return useQuery({
    queryKey: keys.probes('maintenance'),
    queryFn: ({ signal }) => request(`${BASE}/maintenance`, windowsSchema, { signal }),
    refetchInterval: usePoll(SLOW_POLL_MS),
  });
}

export function useWindowActions() {
  const queries = useQueryClient();
  const changed = (): void => void queries.invalidateQueries({ queryKey: keys.probes('all') });
  return {
    save: useMutation({
      mutationFn: ({ id, window }: { id?: string; window: object }) =>
        id === undefined
          ? request(`${BASE}/maintenance`, definitionSchema, { method: 'POST', body: window })
          : request(`${BASE}/maintenance/${encodeURIComponent(id)}`, definitionSchema, {
              method: 'PUT',
              body: window,
            }),
      onSuccess: () => {
        toastDone('The maintenance window is saved');
        changed();
      },
    }),
    remove: useMutation({
      mutationFn: (id: string) =>
        request(`${BASE}/maintenance/${encodeURIComponent(id)}`, nothing, { method: 'DELETE' }),
      onSuccess: changed,
      onError: (error: Error) => toastFailed('The window was not removed', error),
    }),
  };
}
