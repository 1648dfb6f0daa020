import type { Telemetry } from '../../kernel/telemetry.ts';

/** What the graph of services says of itself. */
export function topologyTelemetry(telemetry: Telemetry, dirty: () => number) {
  const dropped = telemetry.counter({
    name: 'pharos_traces_edges_dropped_total',
    help: 'Edges of a minute that were not stored because it has too many.',
  });
  telemetry.queues.publish({
    name: 'service_graph',
    what: 'minutes whose edges, who calls whom, are not stored yet',
    unit: 'items',
    depth: telemetry.gauge({
      name: 'pharos_traces_edges_pending',
      help: 'Minutes whose edges between services are not stored yet.',
      value: () => dirty(),
    }),
    lost: dropped,
  });
  return {
    runs: telemetry.counter({
      name: 'pharos_traces_edges_runs_total',
      help: 'Computations of edges between services by outcome.',
      labels: ['outcome'],
    }),
    dropped,
  };
}
