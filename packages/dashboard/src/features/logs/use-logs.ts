import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { type Matrix, parseMatrix, rowOf } from '../../api/matrix.ts';
import { useLive } from '../../live/provider.tsx';
import { boundsOf, refreshMillis, stepSeconds, type TimeRange } from '../../time/range.ts';
import { rangeKey } from '../../time/use-range.ts';
import { endBefore, joined, linesSchema, type Page, pageOf } from './lines.ts';
import { countQuery, LEVELS } from './query.ts';

/** Lines asked for at once. */
const PAGE_LINES = 300;
/** Most lines that the page holds: nobody reads more, and a browser should not carry them. */
export const MOST_LINES = 9000;

const common = { retry: false, gcTime: 30_000, staleTime: Number.POSITIVE_INFINITY } as const;

/** Goes on showing the last answer while a newer one to the same question comes. */
function sameQuestion(query: string, range: string) {
  return <T>(
    previous: T | undefined,
    before: { readonly queryKey: readonly unknown[] } | undefined,
  ): T | undefined => (before?.queryKey[1] === query && before.queryKey[2] === range ? previous : undefined);
}

/**
 * The instant up to which the page looks. It moves on by itself while the reader is at the newest lines, stands still while `held`,
 * and is now whenever another question is asked.
 */
export function useAsOf(query: string, range: TimeRange, held: boolean) {
  const { paused } = useLive();
  const question = `${rangeKey(range)} ${query}`;
  const [state, setState] = useState(() => ({ question, at: Date.now() }));
  if (state.question !== question) setState({ question, at: Date.now() });
  const every = refreshMillis(range);
  const still = paused || held || every === false;
  useEffect(() => {
    if (still) return undefined;
    const timer = setInterval(() => setState((current) => ({ ...current, at: Date.now() })), every);
    return () => clearInterval(timer);
  }, [still, every]);
  return { asOf: state.at, refresh: () => setState({ question, at: Date.now() }) };
}

async function askLines(query: string, from: number, end: bigint, signal: AbortSignal): Promise<Page> {
  const answer = await request('loki/api/v1/query_range', linesSchema, {
    signal,
    headers: { 'x-loki-response-encoding-flags': 'categorize-labels' },
    params: {
      query,
      start: String(BigInt(Math.floor(from)) * 1_000_000n),
      end: String(end),
      limit: String(PAGE_LINES),
      direction: 'backward',
    },
  });
  return pageOf(answer, PAGE_LINES);
}

/** The lines of the range, the newest first, in pages that reach ever further back. */
export function useLines(query: string, range: TimeRange, asOf: number) {
  const { from, to } = boundsOf(range, asOf);
  const answer = useInfiniteQuery({
    ...common,
    structuralSharing: false,
    queryKey: ['log-lines', query, rangeKey(range), asOf],
    initialPageParam: BigInt(Math.ceil(to)) * 1_000_000n,
    queryFn: ({ pageParam, signal }) => askLines(query, from, pageParam, signal),
    getNextPageParam: (last: Page, pages: readonly Page[]) =>
      pages.length * PAGE_LINES >= MOST_LINES ? null : endBefore(last),
    placeholderData: sameQuestion(query, rangeKey(range)),
  });
  const pages = answer.data?.pages;
  const lines = useMemo(() => joined(pages ?? []), [pages]);
  const last = pages?.at(-1);
  return { answer, lines, first: pages?.[0], cut: last?.more === true && !answer.hasNextPage };
}

interface Counts {
  /** Epoch seconds at which each bar begins. */
  readonly times: Float64Array;
  readonly rows: readonly { readonly name: string; readonly values: Float64Array }[];
  readonly totals: ReadonlyMap<string, number>;
}

/** Lines by level in every step; a count at an instant is of the step before it, so its bar begins a step earlier. */
function countsOf(matrix: Matrix, step: number): Counts {
  const rows = matrix.names.map((name, index) => ({ name, values: rowOf(matrix, index) }));
  const place = (name: string): number => LEVELS.findIndex((level) => level === name);
  return {
    times: matrix.times.map((time) => time - step),
    rows: rows.toSorted((a, b) => place(a.name) - place(b.name)),
    totals: new Map(
      rows.map(({ name, values }) => [
        name,
        values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0),
      ]),
    ),
  };
}

/** How many lines there are by level over the range. */
export function useCounts(query: string, range: TimeRange, asOf: number, enabled: boolean) {
  const { from, to } = boundsOf(range, asOf);
  // Twice the span asks for half the bars: they are to be seen apart.
  const step = stepSeconds(((to - from) / 1000) * 2, 1);
  return useQuery({
    ...common,
    enabled,
    structuralSharing: false,
    queryKey: ['log-counts', query, rangeKey(range), asOf],
    queryFn: async ({ signal }) => {
      const start = Math.floor(from / 1000 / step) * step + step;
      const end = Math.ceil(to / 1000 / step) * step;
      const body = await request('loki/api/v1/query_range', z.unknown(), {
        signal,
        params: {
          query: countQuery(query, step),
          start: String(start),
          end: String(end),
          step: String(step),
        },
      });
      const matrix = parseMatrix(body, { start, end, step }, ({ detected_level: level }) =>
        typeof level === 'string' ? level : 'unknown',
      );
      if (matrix === null) throw new Error('The answer is not a matrix.');
      return countsOf(matrix, step);
    },
    placeholderData: sameQuestion(query, rangeKey(range)),
  });
}

const namesSchema = z.object({ data: z.array(z.string()).optional() });

/** The services that have lines in the days of the range. */
export function useLogServices(range: TimeRange) {
  return useQuery({
    ...common,
    staleTime: 30_000,
    queryKey: ['log-services', rangeKey(range)],
    queryFn: async ({ signal }) => {
      const { from, to } = boundsOf(range, Date.now());
      const params = { start: String(from / 1000), end: String(to / 1000) };
      const path = 'loki/api/v1/label/service_name/values';
      return (await request(path, namesSchema, { signal, params })).data ?? [];
    },
  });
}
