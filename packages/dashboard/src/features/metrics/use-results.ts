import { useQueries } from '@tanstack/react-query';
import { ApiError } from '../../api/client.ts';
import { askInstant, askRange } from '../../api/query-client.ts';
import { useLive } from '../../live/provider.tsx';
import { boundsOf, refreshMillis, stepSeconds, type TimeRange } from '../../time/range.ts';
import { rangeKey } from '../../time/use-range.ts';
import { noteOf, type QueryNote } from '../../ui/promql-editor/index.ts';
import { ExplorerRow } from './legend-rows.ts';
import { overNewest } from './rounds.ts';

/** A query that is to be run: its place among the others, and its text. */
export interface Active {
  readonly index: number;
  readonly text: string;
}

function refetchOf(range: TimeRange, paused: boolean): number | false {
  const every = refreshMillis(range);
  return paused || every === false ? false : Math.max(10_000, every);
}

const common = { structuralSharing: false, retry: false, gcTime: 30_000 } as const;

/** Times of a range query over the page's range: about 180 points on a grid that does not move with every refresh. */
export function gridOf(range: TimeRange, now: number) {
  const bounds = boundsOf(range, now);
  const step = stepSeconds((bounds.to - bounds.from) / 1000, 1);
  return {
    start: Math.ceil(bounds.from / 1000 / step) * step,
    end: Math.floor(bounds.to / 1000 / step) * step,
    step,
  };
}

/** Runs every query over the range; each keeps its last answer while the next comes. */
export function useRangeResults(active: readonly Active[], range: TimeRange, enabled: boolean) {
  const { paused } = useLive();
  return useQueries({
    queries: active.map(({ text }) => ({
      ...common,
      enabled,
      queryKey: ['explore-range', text, rangeKey(range)],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const grid = gridOf(range, Date.now());
        const answer = await askRange({ query: text, ...grid, naming: 'selector' }, signal);
        return { ...answer, grid };
      },
      refetchInterval: refetchOf(range, paused),
      placeholderData: <T>(
        previous: T | undefined,
        before: { readonly queryKey: readonly unknown[] } | undefined,
      ) => (before?.queryKey[1] === text ? previous : undefined),
    })),
  });
}

/** Runs every query at the end of the range. */
export function useInstantResults(active: readonly Active[], range: TimeRange, enabled: boolean) {
  const { paused } = useLive();
  return useQueries({
    queries: active.map(({ text }) => ({
      ...common,
      enabled,
      queryKey: ['explore-instant', text, rangeKey(range)],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        askInstant({ query: text, time: boundsOf(range, Date.now()).to / 1000 }, signal),
      refetchInterval: refetchOf(range, paused),
    })),
  });
}

export type RangeResult = ReturnType<typeof useRangeResults>[number];
export type InstantResult = ReturnType<typeof useInstantResults>[number];

/** What the server said about a query: its error, warnings and infos, each with its place. */
export function notesOf(result: RangeResult | InstantResult | undefined, text: string): readonly QueryNote[] {
  if (result === undefined) return [];
  const { error, data } = result;
  const failed = error === null ? [] : [noteOf('error', wordsOf(error), text)];
  const facts = error === null ? data?.facts : undefined;
  return [
    ...failed,
    ...(facts?.warnings ?? []).map((message) => noteOf('warning', message, text)),
    ...(facts?.infos ?? []).map((message) => noteOf('info', message, text)),
  ];
}

function wordsOf(error: Error): string {
  if (error instanceof ApiError && error.kind === 'offline')
    return 'The Pharos server does not answer; the page tries again by itself.';
  return error.message;
}

/** All series of all results over one grid; with several queries each name begins with its letter. */
export function rowsOf(
  results: readonly (RangeResult | undefined)[],
  letters: readonly string[],
): { readonly times: Float64Array; readonly rows: readonly ExplorerRow[] } {
  const filled = results.flatMap((result, index) =>
    result?.data === undefined ? [] : [{ data: result.data, letter: letters[index] ?? '' }],
  );
  const drawn = overNewest(filled.map(({ data }) => data));
  const times = drawn.find((matrix) => matrix !== null)?.times ?? new Float64Array();
  const several = letters.length > 1;
  const rows = drawn.flatMap((matrix, at) =>
    (matrix?.names ?? []).flatMap((name, index) =>
      matrix === null
        ? []
        : new ExplorerRow(several ? `${filled[at]?.letter ?? ''} ${name}` : name, matrix, index),
    ),
  );
  return { times, rows };
}
