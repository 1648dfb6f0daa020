import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { Zone } from '../ui/format.ts';
import { rangeOf, searchOf, type TimeRange } from './range.ts';

/** The application's time range, read from and written to the URL. */
export function useTimeRange(): readonly [TimeRange, (range: TimeRange) => void] {
  const search = useSearch({ from: '__root__' });
  const navigate = useNavigate();
  const { range, from, to } = search;
  const value = useMemo(() => rangeOf({ range, from, to }), [range, from, to]);
  const set = useCallback(
    (next: TimeRange) => {
      void navigate({ to: '.', search: (previous) => ({ ...previous, ...searchOf(next) }) });
    },
    [navigate],
  );
  return [value, set];
}

/** The time zone in which times are shown: the reader's own, or UTC. */
export function useZone(): readonly [Zone, (zone: Zone) => void] {
  const search = useSearch({ from: '__root__' });
  const navigate = useNavigate();
  const set = useCallback(
    (zone: Zone) => {
      void navigate({
        to: '.',
        search: (previous) => ({ ...previous, tz: zone === 'utc' ? ('utc' as const) : undefined }),
      });
    },
    [navigate],
  );
  return [search.tz === 'utc' ? 'utc' : 'local', set];
}

/** A range as part of a query's name. */
export function rangeKey(range: TimeRange): string {
  return range.kind === 'relative' ? range.range : `${range.from}-${range.to}`;
}
