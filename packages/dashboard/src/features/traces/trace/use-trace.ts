import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { request } from '../../../api/client.ts';
import {
  foundSchema,
  millisOf,
  spanSchema,
  type TracePage,
  traceLogsSchema,
  tracePageSchema,
} from '../contracts.ts';
import { type Trace, TraceBuilder } from '../model/trace.ts';

/** Rows asked for at once: some 25 ms to read, so that nothing stutters while a large trace comes. */
const PAGE_ROWS = 4000;

const common = { retry: false, staleTime: Number.POSITIVE_INFINITY } as const;

interface Kept {
  readonly first: TracePage;
  readonly builder: TraceBuilder;
  trace: Trace;
  pages: number;
}

/** The pages put together, each once; `changed` when spans came while they were read, so that later ones do not fit. */
function assemble(kept: Kept | null, pages: readonly TracePage[]): Kept | null {
  const [first] = pages;
  if (first === undefined) return null;
  let current = kept;
  if (current?.first !== first) {
    const builder = new TraceBuilder(first);
    current = { first, builder, trace: builder.trace(), pages: 0 };
  }
  const { builder } = current;
  const before = current.pages;
  while (current.pages < pages.length) {
    const page = pages[current.pages];
    if (page === undefined || !builder.continues(page)) break;
    builder.add(page);
    current.pages++;
  }
  if (current.pages !== before) current.trace = builder.trace();
  return current;
}

/** A trace that grows as its pages come. */
export function useTrace(id: string) {
  const kept = useRef<Kept | null>(null);
  const answer = useInfiniteQuery({
    ...common,
    gcTime: 60_000,
    structuralSharing: false,
    queryKey: ['trace', id],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      request(`api/v1/traces/${encodeURIComponent(id)}`, tracePageSchema, {
        signal,
        params: { offset: String(pageParam), limit: String(PAGE_ROWS) },
      }),
    getNextPageParam: ({ total, rows }: TracePage) => {
      const next = rows.offset + rows.span_id.length;
      return rows.span_id.length > 0 && next < total ? next : null;
    },
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = answer;
  const pages = data?.pages ?? [];
  kept.current = assemble(kept.current, pages);
  const changed = kept.current !== null && kept.current.pages < pages.length;
  const wanted = hasNextPage && !isFetching && !isError && !changed;
  useEffect(() => {
    if (wanted) void fetchNextPage();
  }, [wanted, fetchNextPage]);
  return { answer, trace: kept.current?.trace ?? null, changed };
}

export function useSpan(traceId: string, spanId: string) {
  return useQuery({
    ...common,
    queryKey: ['span', traceId, spanId],
    queryFn: ({ signal }) =>
      request(
        `api/v1/traces/${encodeURIComponent(traceId)}/spans/${encodeURIComponent(spanId)}`,
        spanSchema,
        { signal },
      ),
  });
}

/** The reader has stopped writing. */
const WRITTEN_MS = 250;
/** A single letter is in everything. */
const LEAST_LETTERS = 2;

/** Spans whose attributes, resource or status message contain a text: only the server has them all. Null until they are known. */
export function useFoundByServer(traceId: string, text: string): ReadonlySet<string> | null {
  const [asked] = useDebouncedValue(text.trim(), WRITTEN_MS);
  const { data } = useQuery({
    ...common,
    gcTime: 60_000,
    enabled: asked.length >= LEAST_LETTERS,
    queryKey: ['trace-find', traceId, asked],
    queryFn: ({ signal }) =>
      request(`api/v1/traces/${encodeURIComponent(traceId)}/find`, foundSchema, {
        signal,
        params: { q: asked },
      }),
  });
  // What was found for another text says nothing of this one.
  const ids = asked === text.trim() ? data?.span_id : undefined;
  return useMemo(() => (ids === undefined ? null : new Set(ids)), [ids]);
}

/** Lines that are written while a trace runs, and shortly before and after: clocks differ, and what is late is logged late. */
const AROUND_MS = 60_000;
const MOST_LINES = 1000;

/** The log lines of a trace, oldest first. */
export function useTraceLogs({ id, startNs, duration }: Pick<Trace, 'id' | 'startNs' | 'duration'>) {
  return useQuery({
    ...common,
    queryKey: ['trace-logs', id],
    queryFn: ({ signal }) => {
      const start = millisOf(startNs);
      return request('api/logs', traceLogsSchema, {
        signal,
        params: {
          trace_id: id,
          start: String(Math.floor(start - AROUND_MS)),
          end: String(Math.ceil(start + duration / 1e6 + AROUND_MS)),
          direction: 'forward',
          limit: String(MOST_LINES),
        },
      });
    },
  });
}
