import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { request } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { useLive } from '../../../live/provider.tsx';
import { knownSchema, type MaintenanceWindow, windowsSchema } from './contracts.ts';

const PATH = 'api/v1/alerting/maintenance';
const POLL_MS = 30_000;

export function useWindows() {
  const { paused } = useLive();
  return useQuery({
    queryKey: keys.alerts('maintenance'),
    queryFn: ({ signal }) => request(PATH, windowsSchema, { signal }),
    refetchInterval: paused ? false : POLL_MS,
  });
}

export function useMakeWindow() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: MaintenanceWindow) => request(PATH, knownSchema, { method: 'POST', body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.alerts('all') }),
  });
}

export function useEndWindow() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      request(`${PATH}/${encodeURIComponent(id)}`, z.unknown(), { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.alerts('all') }),
  });
}
