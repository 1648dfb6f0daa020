import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { searchOf, type TimeRange } from '../../time/range.ts';
import {
  type Filters,
  filtersOf,
  NO_FILTERS,
  type Parser,
  type PatternFilter,
  queryOf,
  type Term,
  withParsed,
  withPattern,
  withTerm,
} from './query.ts';
import type { LogsView } from './search.ts';

const ALL = queryOf(NO_FILTERS);

/** What the page asks: the URL's query, and the filters it stands for where it does. */
export function useLogQuery() {
  const { q, wrap = false, logs: view, line } = useSearch({ from: '/logs' });
  const navigate = useNavigate({ from: '/logs' });
  const query = q ?? ALL;
  const filters = useMemo(() => filtersOf(query), [query]);
  const ask = (next: string): void => {
    const text = next.trim();
    void navigate({
      search: (previous) => ({
        ...previous,
        q: text === '' || text === ALL ? undefined : text,
        line: undefined,
      }),
    });
  };
  return {
    query,
    /** Null when the query says more than filters can. */
    filters,
    wrap,
    all: query === ALL,
    view,
    /** The line that the address points to. */
    line,
    show: (next: LogsView | undefined) =>
      void navigate({ search: (previous) => ({ ...previous, logs: next, line: undefined }) }),
    forgetLine: () =>
      void navigate({ search: (previous) => ({ ...previous, line: undefined }), replace: true }),
    ask,
    /** Goes to another query, and to its time range where it has one. */
    open: (next: string, range: TimeRange | undefined) =>
      void navigate({
        search: (previous) => ({
          ...previous,
          q: next === ALL ? undefined : next,
          line: undefined,
          ...(range === undefined ? {} : searchOf(range)),
        }),
      }),
    filter: (change: Partial<Filters>) => ask(queryOf({ ...(filters ?? NO_FILTERS), ...change })),
    add: (term: Term) => ask(withTerm(query, term)),
    addParsed: (parser: Parser, term: Term) => ask(withParsed(query, parser, term)),
    /** Goes to the lines of a pattern, or stays without them. */
    addPattern: (filter: PatternFilter) => {
      const next = withPattern(query, filter);
      void navigate({
        search: (previous) => ({
          ...previous,
          q: next,
          line: undefined,
          ...(filter.op === '|>' ? { logs: undefined } : {}),
        }),
      });
    },
    toggleWrap: () =>
      void navigate({
        search: (previous) => ({ ...previous, wrap: wrap ? undefined : (true as const) }),
        replace: true,
      }),
  };
}

export type LogQuery = ReturnType<typeof useLogQuery>;
