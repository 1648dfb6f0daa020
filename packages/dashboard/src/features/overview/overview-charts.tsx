import { useMemo } from 'react';
import { usePerformance } from '../../api/queries.ts';
import { ServiceChart } from '../../joins/service-chart.tsx';
import { useTimeRange } from '../../time/use-range.ts';
import { alignSeries } from '../../ui/chart/align.ts';
import chart from '../../ui/chart/chart.module.css';
import { useMarkers } from '../../ui/chart/use-markers.ts';
import { ErrorState, Section } from '../../ui/states.tsx';

export function OverviewCharts() {
  const [range] = useTimeRange();
  const { data, error, isPending, refetch, dataUpdatedAt } = usePerformance(undefined, range);
  const markers = useMarkers();
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
  const shared = {
    range,
    asOf: dataUpdatedAt || Date.now(),
    markers,
    loading: isPending,
    empty: 'No requests to draw in this time range',
  };
  return (
    <Section title="Over time" note="drag to zoom, double-click to go back, click a point for its traces">
      <div className={chart['grid']}>
        <ServiceChart title="Requests" unit="rate" {...curves.requests} {...shared} of="all" />
        <ServiceChart title="Failed requests" unit="ratio" {...curves.errors} {...shared} of="failed" />
        <ServiceChart title="p95 latency" unit="seconds" {...curves.p95} {...shared} of="slowest" />
      </div>
    </Section>
  );
}
