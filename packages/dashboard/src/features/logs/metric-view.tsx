import { useQuery } from '@tanstack/react-query';
import { askLogRange } from '../../api/log-matrix.ts';
import { rowOf } from '../../api/matrix.ts';
import { boundsOf, stepSeconds, type TimeRange } from '../../time/range.ts';
import { rangeKey } from '../../time/use-range.ts';
import { TimeSeriesChart } from '../../ui/chart/time-series-chart.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';

const HEIGHT = 340;
const NO_TIMES: readonly number[] = [];

/** What a query that counts answers over the range. */
function useSeries(query: string, range: TimeRange, asOf: number) {
  return useQuery({
    retry: false,
    gcTime: 30_000,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
    queryKey: ['log-series', query, rangeKey(range), asOf],
    queryFn: async ({ signal }) => {
      const { from, to } = boundsOf(range, asOf);
      const step = stepSeconds((to - from) / 1000, 1);
      const start = Math.ceil(from / 1000 / step) * step;
      const end = Math.floor(to / 1000 / step) * step;
      const matrix = await askLogRange({ query, start, end, step }, signal);
      return {
        times: matrix.times,
        rows: matrix.names.map((name, index) => ({ name, values: rowOf(matrix, index) })),
      };
    },
    placeholderData: <T,>(
      previous: T | undefined,
      before: { readonly queryKey: readonly unknown[] } | undefined,
    ) => (before?.queryKey[1] === query ? previous : undefined),
  });
}

interface MetricViewProps {
  readonly query: string;
  readonly range: TimeRange;
  readonly asOf: number;
}

/** A LogQL query that counts, as a graph. */
export function MetricView({ query, range, asOf }: MetricViewProps) {
  const { data, error, isPending, refetch } = useSeries(query, range, asOf);
  if (error !== null && data === undefined)
    return <ErrorState what="The graph" error={error} retry={() => void refetch()} />;
  if (data?.rows.length === 0)
    return (
      <EmptyState title="No series in this time range">
        The query counts, and there was nothing to count. Widen the time range or its selector.
      </EmptyState>
    );
  return (
    <TimeSeriesChart
      title="Graph of the query"
      note={data === undefined ? '' : `${data.rows.length.toLocaleString('en')} series`}
      unit="number"
      times={data?.times ?? NO_TIMES}
      rows={data?.rows ?? []}
      range={range}
      asOf={asOf}
      loading={isPending}
      height={HEIGHT}
      fromZero={false}
    />
  );
}
