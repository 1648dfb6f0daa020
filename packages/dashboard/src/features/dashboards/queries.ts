import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import {
  type Dashboard,
  forServer,
  importedSchema,
  listingSchema,
  type Stored,
  storedSchema,
  versionSchema,
  versionsSchema,
} from './model.ts';

const LIST = ['dashboards'] as const;
const nothing = z.unknown();

function path(uid: string, more = ''): string {
  return `api/v1/dashboards/${encodeURIComponent(uid)}${more}`;
}

export function useDashboards() {
  return useQuery({
    queryKey: LIST,
    queryFn: ({ signal }) => request('api/v1/dashboards', listingSchema, { signal }),
  });
}

export function useDashboard(uid: string) {
  return useQuery({
    queryKey: ['dashboard', uid],
    queryFn: ({ signal }) => request(path(uid), storedSchema, { signal }),
    // What is being looked at must not change under the reader's eyes.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}

export function useVersions(uid: string, enabled: boolean) {
  return useQuery({
    queryKey: ['dashboard', uid, 'versions'],
    queryFn: ({ signal }) => request(path(uid, '/versions'), versionsSchema, { signal }),
    enabled,
  });
}

export function useVersion(uid: string, version: number | null) {
  return useQuery({
    queryKey: ['dashboard', uid, 'versions', version],
    queryFn: ({ signal }) => request(path(uid, `/versions/${version ?? 0}`), versionSchema, { signal }),
    enabled: version !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What a reader does to dashboards; each forgets what it made stale. */
export function useDashboardActions() {
  const client = useQueryClient();
  const stale = async (stored?: Stored) => {
    if (stored !== undefined) client.setQueryData(['dashboard', stored.dashboard.uid], stored);
    await client.invalidateQueries({ queryKey: LIST });
  };
  const create = useMutation({
    mutationFn: (input: { readonly dashboard: unknown; readonly message: string }) =>
      request('api/v1/dashboards', storedSchema, { method: 'POST', body: input }),
    onSuccess: stale,
  });
  const save = useMutation({
    mutationFn: ({
      dashboard,
      message,
      version,
    }: {
      readonly dashboard: Dashboard;
      readonly message: string;
      readonly version: number | undefined;
    }) =>
      request(path(dashboard.uid), storedSchema, {
        method: 'PUT',
        body: { dashboard: forServer(dashboard), message, ...(version === undefined ? {} : { version }) },
      }),
    onSuccess: async (stored) => {
      await stale(stored);
      await client.invalidateQueries({ queryKey: ['dashboard', stored.dashboard.uid, 'versions'] });
    },
  });
  const remove = useMutation({
    mutationFn: (uid: string) => request(path(uid), nothing, { method: 'DELETE' }),
    onSuccess: () => stale(),
  });
  const star = useMutation({
    mutationFn: ({ uid, on }: { readonly uid: string; readonly on: boolean }) =>
      request(path(uid, '/star'), nothing, { method: on ? 'PUT' : 'DELETE' }),
    onSuccess: async (_, { uid, on }) => {
      client.setQueryData<Stored>(['dashboard', uid], (before) =>
        before === undefined ? before : { ...before, starred: on },
      );
      await stale();
    },
  });
  const restore = useMutation({
    mutationFn: ({ uid, version }: { readonly uid: string; readonly version: number }) =>
      request(path(uid, `/versions/${version}/restore`), storedSchema, { method: 'POST' }),
    onSuccess: async (stored) => {
      await stale(stored);
      await client.invalidateQueries({ queryKey: ['dashboard', stored.dashboard.uid, 'versions'] });
    },
  });
  const bring = useMutation({
    mutationFn: (input: {
      readonly json: unknown;
      readonly folder?: string;
      readonly title?: string;
      readonly overwrite: boolean;
      readonly save: boolean;
    }) => request('api/v1/dashboards/import', importedSchema, { method: 'POST', body: input }),
    onSuccess: () => stale(),
  });
  return { create, save, remove, star, restore, bring };
}
