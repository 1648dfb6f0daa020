import { type Status, statusSchema } from '../../api/contracts.ts';
import type { Sort } from './rows.ts';

/** The list's own search parameters; what is not valid is dropped. */
export function validateServicesSearch(search: Readonly<Record<string, unknown>>): {
  q?: string | undefined;
  status?: Status | undefined;
  sort?: Sort | undefined;
} {
  const q = typeof search['q'] === 'string' && search['q'] !== '' ? { q: search['q'].slice(0, 200) } : {};
  const status = statusSchema.safeParse(search['status']);
  const known = status.success && status.data === search['status'] ? { status: status.data } : {};
  const sort = (['name', 'requestRate', 'errorRatio', 'p95'] as const).find(
    (name) => name === search['sort'],
  );
  return { ...q, ...known, ...(sort === undefined ? {} : { sort }) };
}
