import { useMemo, useState } from 'react';
import { usePerformance } from '../../api/queries.ts';
import { PointLinks, type PointLinksProps } from '../../joins/point-links.tsx';
import { useTimeRange } from '../../time/use-range.ts';
import { alignSeries } from '../../ui/chart/align.ts';
import chart from '../../ui/chart/chart.module.css';
import { type ChartPoint, TimeSeriesChart } from '../../ui/chart/time-series-chart.tsx';
import { useMarkers } from '../../ui/chart/use-markers.ts';
import { ErrorState, Section } from '../../ui/states.tsx';

export function OverviewCharts() {
  const [range] = useTimeRange();
  const { data, error, isPending, refetch, dataUpdatedAt } = usePerformance(undefined, range);
  const markers = useMarkers();
  const [chosen, setChosen] = useState<Pick<PointLinksProps, 'point' | 'of'> | null>(null);
  const curves = useMemo(() => {
    const services = data?.services ?? [];
    return {
      requests: alignSeries(
        services.flatMap(({ name, throughput }) => (throughput == null ? [] : { name, data: throughput })),
      ),
      errors: alignSeries(
        services.flatMap(({ name, errors }) => (errors == null ? [] : { name, data: errors })),
      ),
      p95: alignSeries(
        services.flatMap(({ name, percentiles }) =>
          percentiles == null
            ? []
            : { name, data: { start: percentiles.start, step: percentiles.step, values: percentiles.p95 } },
        ),
      ),
    };
  }, [data]);
  if (error !== null && data === undefined) {
    return (
      <Section title="Over time">
        <ErrorState what="The curves" error={error} retry={() => void refetch()} />
      </Section>
    );
  }
  const shared = { range, asOf: dataUpdatedAt || Date.now(), markers, loading: isPending };
  const choose = (of: PointLinksProps['of']) => ({
    onPoint: (point: ChartPoint) => setChosen({ point, of }),
  });
  return (
    <Section title="Over time" note="drag to zoom, double-click to go back, click a point for its traces">
      <div className={chart['grid']}>
        <TimeSeriesChart title="Requests" unit="rate" {...curves.requests} {...shared} {...choose('all')} />
        <TimeSeriesChart
          title="Failed requests"
          unit="ratio"
          {...curves.errors}
          {...shared}
          {...choose('failed')}
        />
        <TimeSeriesChart
          title="p95 latency"
          unit="seconds"
          {...curves.p95}
          {...shared}
          {...choose('slowest')}
        />
      </div>
      {chosen !== null && (
        <PointLinks {...chosen} service={chosen.point.series} close={() => setChosen(null)} />
      )}
    </Section>
  );
}
