import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type Filters, filtersOf, NO_FILTERS, queryOf, type Term, withTerm } from './query.ts';

const ALL = queryOf(NO_FILTERS);

/** What the page asks: the URL's query, and the filters it stands for where it does. */
export function useLogQuery() {
  const { q, wrap = false } = useSearch({ from: '/logs' });
  const navigate = useNavigate({ from: '/logs' });
  const query = q ?? ALL;
  const filters = useMemo(() => filtersOf(query), [query]);
  const ask = (next: string): void => {
    const text = next.trim();
    void navigate({
      search: (previous) => ({ ...previous, q: text === '' || text === ALL ? undefined : text }),
    });
  };
  return {
    query,
    /** Null when the query says more than filters can. */
    filters,
    wrap,
    all: query === ALL,
    ask,
    filter: (change: Partial<Filters>) => ask(queryOf({ ...(filters ?? NO_FILTERS), ...change })),
    add: (term: Term) => ask(withTerm(query, term)),
    toggleWrap: () =>
      void navigate({
        search: (previous) => ({ ...previous, wrap: wrap ? undefined : (true as const) }),
        replace: true,
      }),
  };
}

export type LogQuery = ReturnType<typeof useLogQuery>;
