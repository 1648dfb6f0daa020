import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { request } from '../../api/client.ts';
import { compareLines, joined, type LogLine, linesSchema, pageOf, placeNameOf } from './lines.ts';
import { NO_FILTERS, queryOf, selectorOf } from './query.ts';

/** Whose lines stand around a line: its own stream's, or all of its service. */
export type Scope = 'stream' | 'service';

const CONTEXT_LINES = 10;
/** So far in time context is looked for. */
const REACH_NS = 86_400_000_000_000n;
/** A line's own nanosecond has few others. */
const MOST_OF_INSTANT = 1000;

const common = {
  retry: false,
  gcTime: 30_000,
  staleTime: Number.POSITIVE_INFINITY,
  structuralSharing: false,
} as const;

interface Asked {
  readonly query: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly limit: number;
  readonly direction: 'forward' | 'backward';
}

async function ask({ query, start, end, limit, direction }: Asked, signal: AbortSignal) {
  const answer = await request('loki/api/v1/query_range', linesSchema, {
    signal,
    headers: { 'x-loki-response-encoding-flags': 'categorize-labels' },
    params: { query, start: String(start), end: String(end), limit: String(limit), direction },
  });
  return pageOf(answer, limit);
}

/**
 * The lines on one side of a line, the nearest first, ever more of them. Pages meet in an instant that both have, since one may end in
 * the middle of it; a page that is wholly of one instant goes past it.
 */
function useSide(line: LogLine, query: string, direction: Asked['direction']) {
  const older = direction === 'backward';
  const answer = useInfiniteQuery({
    ...common,
    queryKey: ['log-context', query, direction, line.key],
    initialPageParam: { from: line.ns, limit: CONTEXT_LINES + 1 },
    queryFn: ({ pageParam: { from, limit }, signal }) => {
      const bounds = older
        ? { start: from - REACH_NS, end: from + 1n }
        : { start: from, end: from + REACH_NS };
      return ask({ query, ...bounds, limit, direction }, signal);
    },
    getNextPageParam: ({ lines, more }) => {
      const [newest, oldest] = [lines[0], lines.at(-1)];
      if (!more || newest === undefined || oldest === undefined) return null;
      const edge = older ? oldest.ns : newest.ns;
      const past = newest.ns === oldest.ns ? edge + (older ? -1n : 1n) : edge;
      return { from: past, limit: CONTEXT_LINES * 3 };
    },
  });
  const pages = answer.data?.pages;
  const lines = useMemo(() => {
    const side = joined(pages ?? []).filter((other) =>
      older ? compareLines(other, line) < 0 : compareLines(other, line) > 0,
    );
    return side.toSorted((a, b) => (older ? compareLines(b, a) : compareLines(a, b)));
  }, [pages, line, older]);
  return { answer, lines };
}

/** What stands around a line: older and newer lines, each side the nearest first. */
export function useContext(line: LogLine, scope: Scope) {
  const query =
    scope === 'stream' ? selectorOf(line.stream) : queryOf({ ...NO_FILTERS, services: [line.service] });
  return { older: useSide(line, query, 'backward'), newer: useSide(line, query, 'forward') };
}

/** The line that an address points to; null when it is not there. */
export function useLinkedLine(query: string, place: string) {
  return useQuery({
    ...common,
    queryKey: ['log-line', query, place],
    queryFn: async ({ signal }) => {
      const start = BigInt(place.slice(0, place.indexOf('-')));
      const asked = { query, start, end: start + 1n, limit: MOST_OF_INSTANT, direction: 'backward' } as const;
      const { lines } = await ask(asked, signal);
      return lines.find((line) => placeNameOf(line) === place) ?? null;
    },
  });
}
