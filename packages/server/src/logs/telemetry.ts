import type { Telemetry } from '../kernel/telemetry.ts';

export type LogsTelemetry = ReturnType<typeof logsTelemetry>;

/** What the store holds. */
interface StoreSize {
  readonly streams: number;
  readonly pendingLines: number;
  readonly pendingBytes: number;
  readonly newestBytes: number;
}

/** What the slice says of itself. `size` is asked at each scrape. */
export function logsTelemetry(telemetry: Telemetry, size: () => StoreSize) {
  storeTelemetry(telemetry, size);
  const tailDropped = telemetry.counter({
    name: 'pharos_logs_tail_dropped_total',
    help: 'Lines not sent to a tail because its reader was slower than the lines came.',
  });
  telemetry.queues.publish({
    name: 'log_tails',
    what: 'lines to readers of a live tail; a slow one loses some and is told',
    unit: 'items',
    lost: tailDropped,
  });
  return {
    lines: telemetry.counter({
      name: 'pharos_logs_lines_total',
      help: 'Lines by what became of them.',
      labels: ['result'],
    }),
    bytes: telemetry.counter({
      name: 'pharos_logs_bytes_total',
      help: 'Bytes of acknowledged messages, repeats among them.',
    }),
    refused: telemetry.counter({
      name: 'pharos_logs_refused_total',
      help: 'Lines that were not taken, by reason.',
      labels: ['reason'],
    }),
    redacted: telemetry.counter({
      name: 'pharos_logs_redacted_total',
      help: 'Lines and metadata values that something was taken out of, by rule.',
      labels: ['rule'],
    }),
    decoded: telemetry.counter({
      name: 'pharos_logs_decoder_bodies_total',
      help: 'Large bodies handed to the thread that decodes them, by result: decoded, malformed, busy, failed.',
      labels: ['result'],
    }),
    queries: telemetry.histogram({
      name: 'pharos_logs_query_duration_seconds',
      help: 'Time to answer a call of the Loki API, by call; `rule` and `back_test` are what rules ask.',
      labels: ['call'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    }),
    queriesRefused: telemetry.counter({
      name: 'pharos_logs_queries_refused_total',
      help: 'Calls of the Loki API refused because too many were running and waiting.',
    }),
    tails: telemetry.gauge({ name: 'pharos_logs_tails', help: 'Queries that are tailed over a WebSocket.' }),
    tailDropped,
    tailsFailed: telemetry.counter({
      name: 'pharos_logs_tails_failed_total',
      help: 'Tails that ended because their query failed; the reason is in the close of the WebSocket.',
    }),
    pushes: telemetry.counter({
      name: 'pharos_logs_pushes_total',
      help: 'Requests by door and result.',
      labels: ['door', 'result'],
    }),
  };
}

function storeTelemetry(telemetry: Telemetry, size: () => StoreSize): void {
  telemetry.gauge({ name: 'pharos_logs_streams', help: 'Active log streams.', value: () => size().streams });
  telemetry.gauge({
    name: 'pharos_logs_pending_lines',
    help: 'Lines in memory that are not in the engine yet.',
    value: () => size().pendingLines,
  });
  telemetry.gauge({
    name: 'pharos_logs_newest_bytes',
    help: 'Memory of the newest lines that the engine has, kept for questions for the last lines.',
    value: () => size().newestBytes,
  });
  telemetry.queues.publish({
    name: 'logs',
    what: 'lines held in memory until the engine has them',
    unit: 'bytes',
    depth: telemetry.gauge({
      name: 'pharos_logs_pending_bytes',
      help: 'Memory of the lines that are not in the engine yet.',
      value: () => size().pendingBytes,
    }),
  });
}
