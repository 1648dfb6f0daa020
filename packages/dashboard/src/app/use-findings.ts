import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { request } from '../api/client.ts';

const boards = z.object({
  dashboards: z.array(z.object({ uid: z.string(), title: z.string(), description: z.string() })),
});
const metrics = z.object({
  metrics: z.array(z.object({ name: z.string(), help: z.string().default('') })),
});

/** From this many letters on metrics are looked up: fewer would find nearly all. */
const LEAST_LETTERS = 2;
const MOST_METRICS = '5';

/** The dashboards, once the palette is open, and the metrics whose name or help has the words. */
export function useFindings(opened: boolean, words: string) {
  const text = words.trim();
  const found = useQuery({
    queryKey: ['palette', 'dashboards'],
    queryFn: ({ signal }) => request('api/v1/dashboards', boards, { signal }),
    enabled: opened,
    staleTime: 30_000,
    retry: false,
  });
  const named = useQuery({
    queryKey: ['palette', 'metrics', text],
    queryFn: ({ signal }) =>
      request('api/v1/cardinality/metrics', metrics, {
        signal,
        params: { search: text, limit: MOST_METRICS },
      }),
    enabled: opened && text.length >= LEAST_LETTERS,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return {
    dashboards: found.data?.dashboards ?? [],
    metrics: text.length < LEAST_LETTERS ? [] : (named.data?.metrics ?? []),
  };
}
