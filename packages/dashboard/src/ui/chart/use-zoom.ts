import { useCallback } from 'react';
import { DEFAULT_RANGE, DEFAULT_RANGE_SECONDS, type TimeRange } from '../../time/range.ts';
import { useTimeRange } from '../../time/use-range.ts';

/** Ranges the reader zoomed in from, newest last; shared, because a zoom on one chart moves all. */
const zoomedFrom: TimeRange[] = [];
const MIN_ZOOM_MS = 10_000;

/** Zooming writes the range of the whole page; zooming out goes back the way one came. */
export function useZoom() {
  const [range, setRange] = useTimeRange();
  const zoom = useCallback(
    (from: number, to: number) => {
      const middle = (from + to) / 2;
      const half = Math.max(MIN_ZOOM_MS, to - from) / 2;
      zoomedFrom.push(range);
      setRange({ kind: 'absolute', from: middle - half, to: middle + half });
    },
    [range, setRange],
  );
  const zoomOut = useCallback(() => {
    const before = zoomedFrom.pop();
    if (before !== undefined) setRange(before);
    else if (range.kind === 'absolute')
      setRange({ kind: 'relative', range: DEFAULT_RANGE, seconds: DEFAULT_RANGE_SECONDS });
  }, [range, setRange]);
  return { zoom, zoomOut };
}
