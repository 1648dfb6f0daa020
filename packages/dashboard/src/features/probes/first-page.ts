import type { QueryClient } from '@tanstack/react-query';
import { request } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { listSchema } from './list-contract.ts';
import type { ProbesSearch } from './search.ts';

/** Rows of one request: what is in sight asks for one or two of them, however many probes there are. */
export const PAGE = 100;
export const BASE = 'api/v1/probes';

/** The question for one page of the list. */
export function pageQuestion({ q, is }: ProbesSearch, page: number) {
  return {
    queryKey: keys.probes('list', q ?? '', is ?? '', String(page)),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      request(BASE, listSchema, {
        signal,
        params: { q, status: is, limit: String(PAGE), offset: String(page * PAGE) },
      }),
  };
}

/** Asks for the first rows while the code of the page is on its way. */
export function askAhead(queries: QueryClient, search: ProbesSearch): void {
  void queries.prefetchQuery(pageQuestion(search, 0));
}
