import type { Telemetry } from '../kernel/telemetry.ts';

export type TracesTelemetry = ReturnType<typeof tracesTelemetry>;

/** What the slice says of itself. `size` is asked at each scrape. */
export function tracesTelemetry(
  telemetry: Telemetry,
  size: () => {
    readonly sources: number;
    readonly sourceBytes: number;
    readonly pendingSpans: number;
    readonly pendingBytes: number;
    readonly answerBytes: number;
  },
) {
  telemetry.gauge({
    name: 'pharos_traces_sources',
    help: 'Resources with scopes that send spans.',
    value: () => size().sources,
  });
  telemetry.gauge({
    name: 'pharos_traces_source_bytes',
    help: 'Memory of the resources with scopes that send spans.',
    value: () => size().sourceBytes,
  });
  telemetry.gauge({
    name: 'pharos_traces_pending_spans',
    help: 'Spans in memory that are not in the engine yet.',
    value: () => size().pendingSpans,
  });
  telemetry.queues.publish({
    name: 'traces',
    what: 'spans held in memory until the engine has them',
    unit: 'bytes',
    depth: telemetry.gauge({
      name: 'pharos_traces_pending_bytes',
      help: 'Memory of the spans that are not in the engine yet.',
      value: () => size().pendingBytes,
    }),
  });
  telemetry.gauge({
    name: 'pharos_traces_answer_bytes',
    help: 'Memory of the spans that answers hold until they are sent.',
    value: () => size().answerBytes,
  });
  return {
    queries: telemetry.histogram({
      name: 'pharos_traces_query_duration_seconds',
      help: 'Time to answer a question over traces, by call.',
      labels: ['call'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    }),
    queriesRefused: telemetry.counter({
      name: 'pharos_traces_queries_refused_total',
      help: 'Questions over traces refused because too many were running and waiting, or held too many spans.',
    }),
    spans: telemetry.counter({
      name: 'pharos_traces_spans_total',
      help: 'Spans by what became of them.',
      labels: ['result'],
    }),
    refused: telemetry.counter({
      name: 'pharos_traces_refused_total',
      help: 'Spans that were not taken, by reason.',
      labels: ['reason'],
    }),
    exports: telemetry.counter({
      name: 'pharos_traces_requests_total',
      help: 'Requests by door and result.',
      labels: ['door', 'result'],
    }),
  };
}
