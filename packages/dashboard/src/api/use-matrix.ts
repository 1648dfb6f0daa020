import { useQuery } from '@tanstack/react-query';
import { useLive } from '../live/provider.tsx';
import { boundsOf, refreshMillis, stepSeconds, type TimeRange } from '../time/range.ts';
import { rangeKey } from '../time/use-range.ts';
import { keys } from './keys.ts';
import { askRange } from './query-client.ts';

/** A PromQL range query over the page's time range, however many series it answers. */
export function useMatrix(query: string, range: TimeRange) {
  const { paused } = useLive();
  return useQuery({
    queryKey: keys.matrix(query, rangeKey(range)),
    queryFn: async ({ signal }) => {
      const bounds = boundsOf(range, Date.now());
      const step = stepSeconds((bounds.to - bounds.from) / 1000, 10);
      const end = Math.floor(bounds.to / 1000 / step) * step;
      const start = Math.ceil(bounds.from / 1000 / step) * step;
      return (await askRange({ query, start, end, step }, signal)).matrix;
    },
    refetchInterval: paused ? false : refreshMillis(range) && Math.max(10_000, Number(refreshMillis(range))),
    placeholderData: (previous, before) => (before?.queryKey[1] === query ? previous : undefined),
    structuralSharing: false,
  });
}
