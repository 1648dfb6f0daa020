import { useMemo } from 'react';
import { rowOf } from '../../api/matrix.ts';
import { useMatrix } from '../../api/use-matrix.ts';
import { ServiceChart } from '../../joins/service-chart.tsx';
import { useTimeRange } from '../../time/use-range.ts';
import type { Marker } from '../../ui/chart/plot.ts';
import { ErrorState } from '../../ui/states.tsx';

/** A PromQL string literal. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Requests by route of one service, whichever of the canonical labels carries its name. */
export function routeQuery(name: string): string {
  const by = (label: string): string =>
    `sum by (method, route) (rate(http_requests_total{${label}=${quoted(name)}}[1m]))`;
  return `${by('service')} or ${by('job')}`;
}

export function RouteChart({
  name,
  markers,
}: {
  readonly name: string;
  readonly markers: readonly Marker[];
}) {
  const [range] = useTimeRange();
  const { data, error, isPending, dataUpdatedAt, refetch } = useMatrix(routeQuery(name), range);
  const rows = useMemo(
    () =>
      data === undefined
        ? []
        : data.names.map((series, index) => ({ name: series, values: rowOf(data, index) })),
    [data],
  );
  if (error !== null && data === undefined) {
    return <ErrorState what="Requests by route" error={error} retry={() => void refetch()} />;
  }
  return (
    <ServiceChart
      service={name}
      of="all"
      title="Requests by route"
      unit="rate"
      times={data?.times ?? []}
      rows={rows}
      range={range}
      asOf={dataUpdatedAt || Date.now()}
      markers={markers}
      loading={isPending}
      empty="No requests to draw in this time range"
    />
  );
}
