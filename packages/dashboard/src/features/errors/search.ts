import { GROUP_STATUSES, type GroupStatus } from './contracts.ts';

export const SORTS = ['last_seen', 'first_seen', 'count', 'users'] as const;
export type GroupSort = (typeof SORTS)[number];

export interface ErrorsSearch {
  q?: string | undefined;
  status?: GroupStatus | undefined;
  service?: string | undefined;
  sort?: GroupSort | undefined;
}

/** The list's own search parameters; what is not valid is dropped. */
export function validateErrorsSearch(search: Readonly<Record<string, unknown>>): ErrorsSearch {
  const { q, service } = search;
  const status = GROUP_STATUSES.find((known) => known === search['status']);
  const sort = SORTS.find((known) => known === search['sort']);
  return {
    ...(typeof q === 'string' && q !== '' ? { q: q.slice(0, 200) } : {}),
    ...(typeof service === 'string' && service !== '' ? { service: service.slice(0, 200) } : {}),
    ...(status === undefined ? {} : { status }),
    ...(sort === undefined ? {} : { sort }),
  };
}
