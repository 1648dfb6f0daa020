import { useMemo } from 'react';
import type { EvenSeries, ServicePerformance } from '../../api/contracts.ts';
import { useHistory } from '../../api/queries.ts';
import { useTimeRange } from '../../time/use-range.ts';
import { alignSeries } from '../../ui/chart/align.ts';
import chart from '../../ui/chart/chart.module.css';
import { TimeSeriesChart } from '../../ui/chart/time-series-chart.tsx';
import { useMarkers } from '../../ui/chart/use-markers.ts';
import { Section } from '../../ui/states.tsx';
import { RouteChart } from './route-chart.tsx';

function curvesOf(performance: ServicePerformance | undefined) {
  const { throughput, errors, percentiles, saturation } = performance ?? {};
  const over = (
    base: { start: number; step: number } | null | undefined,
    values: (number | null)[],
  ): EvenSeries => ({
    start: base?.start ?? 0,
    step: base?.step ?? 0,
    values,
  });
  const series = saturation?.series;
  const one = (name: string, data: EvenSeries | null | undefined) =>
    alignSeries(data == null ? [] : [{ name, data }]);
  return {
    requests: one('requests', throughput),
    errors: one('failed', errors),
    latency: alignSeries(
      percentiles == null
        ? []
        : [
            { name: 'p50', data: over(percentiles, percentiles.p50) },
            { name: 'p95', data: over(percentiles, percentiles.p95) },
            { name: 'p99', data: over(percentiles, percentiles.p99) },
          ],
    ),
    cpu: one('CPU', series == null ? null : over(series, series.cpuPercent)),
    memory: one('memory', series == null ? null : over(series, series.memoryMb)),
    lag: one('event-loop lag', series == null ? null : over(series, series.eventLoopLagSeconds)),
  };
}

export interface ServiceChartsProps {
  readonly name: string;
  readonly performance: ServicePerformance | undefined;
  readonly loading: boolean;
  readonly asOf: number;
}

export function ServiceCharts({ name, performance, loading, asOf }: ServiceChartsProps) {
  const [range] = useTimeRange();
  const markers = useMarkers(name);
  const history = useHistory(name, range);
  const curves = useMemo(() => curvesOf(performance), [performance]);
  const shared = { range, asOf: asOf || Date.now(), markers, bands: history.data?.segments ?? [], loading };
  return (
    <Section title="Over time" note="drag to zoom, double-click to go back">
      <div className={chart['grid']}>
        <TimeSeriesChart title="Requests" unit="rate" {...curves.requests} {...shared} />
        <TimeSeriesChart title="Failed requests" unit="ratio" {...curves.errors} {...shared} />
        <TimeSeriesChart title="Latency" unit="seconds" {...curves.latency} {...shared} />
        <TimeSeriesChart
          title="CPU"
          note="of one core"
          unit="percent"
          height={120}
          {...curves.cpu}
          {...shared}
        />
        <TimeSeriesChart title="Memory" unit="megabytes" height={120} {...curves.memory} {...shared} />
        <TimeSeriesChart title="Event-loop lag" unit="seconds" height={120} {...curves.lag} {...shared} />
      </div>
      <div style={{ marginTop: 16 }}>
        <RouteChart name={name} markers={markers} />
      </div>
    </Section>
  );
}
