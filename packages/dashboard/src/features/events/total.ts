import type { EventsFilter } from './search.ts';

/**
 * How many events there are in the time range. As far as the counts on the filters tell it, it is their sum, so that both say the same at every
 * moment; else what the list was told when it was read, and what came since. Undefined while nobody knows.
 */
export function totalOf(
  { status, ...others }: EventsFilter,
  counts: { readonly by_status: Readonly<Record<string, number>> } | undefined,
  listed: { readonly total: number | undefined; readonly since: number },
): number | undefined {
  const byStatusAlone = Object.values(others).every((value) => value === undefined);
  if (counts !== undefined && byStatusAlone)
    return status === undefined
      ? Object.values(counts.by_status).reduce((sum, count) => sum + count, 0)
      : (counts.by_status[status] ?? 0);
  return listed.total === undefined ? undefined : listed.total + listed.since;
}
