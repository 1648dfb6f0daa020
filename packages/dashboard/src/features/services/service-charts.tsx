import { useMemo, useState } from 'react';
import type { EvenSeries, ServicePerformance } from '../../api/contracts.ts';
import { useHistory } from '../../api/queries.ts';
import { ServiceChart } from '../../joins/service-chart.tsx';
import { useTimeRange } from '../../time/use-range.ts';
import { alignSeries } from '../../ui/chart/align.ts';
import chart from '../../ui/chart/chart.module.css';
import { useMarkers } from '../../ui/chart/use-markers.ts';
import { ExemplarDetail } from '../../ui/exemplars/exemplar-detail.tsx';
import type { Exemplar } from '../../ui/exemplars/exemplars.ts';
import { useExemplars } from '../../ui/exemplars/use-exemplars.ts';
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

/** Requests behind the latency of a service: the exemplars of its spans that answer others. */
function exemplarQuery(name: string): string {
  return `traces_span_metrics_duration_seconds_bucket{service_name=${JSON.stringify(name)}, span_kind="SPAN_KIND_SERVER"}`;
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
  const queries = useMemo(() => [exemplarQuery(name)], [name]);
  const { dots } = useExemplars(queries, range, true);
  const [chosen, setChosen] = useState<Exemplar | null>(null);
  const shared = {
    service: name,
    range,
    asOf: asOf || Date.now(),
    markers,
    bands: history.data?.segments ?? [],
    loading,
  };
  const ofRequests = { ...shared, empty: 'No requests to draw in this time range' };
  return (
    <Section title="Over time" note="drag to zoom, double-click to go back, click a point for its traces">
      <div className={chart['grid']}>
        <ServiceChart title="Requests" unit="rate" {...curves.requests} {...ofRequests} of="all" />
        <ServiceChart title="Failed requests" unit="ratio" {...curves.errors} {...ofRequests} of="failed" />
        <div>
          <ServiceChart
            title="Latency"
            note={dots.length > 0 ? 'a dot is a request: click it for its trace' : ''}
            unit="seconds"
            {...curves.latency}
            {...ofRequests}
            of="slowest"
            dots={dots}
            onDot={(index) => setChosen(dots[index] ?? null)}
          />
          {chosen !== null && <ExemplarDetail exemplar={chosen} close={() => setChosen(null)} />}
        </div>
        <ServiceChart
          title="CPU"
          note="of one core"
          unit="percent"
          height={120}
          {...curves.cpu}
          {...shared}
          of="slowest"
        />
        <ServiceChart title="Memory" unit="megabytes" height={120} {...curves.memory} {...shared} of="all" />
        <ServiceChart
          title="Event-loop lag"
          unit="seconds"
          height={120}
          {...curves.lag}
          {...shared}
          of="slowest"
        />
      </div>
      <div style={{ marginTop: 16 }}>
        <RouteChart name={name} markers={markers} />
      </div>
    </Section>
  );
}
