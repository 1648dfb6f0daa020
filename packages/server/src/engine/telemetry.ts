import type { Telemetry } from '../kernel/telemetry.ts';

export type EngineTelemetry = ReturnType<typeof engineTelemetry>;

/** What the engine door counts. `purpose` comes from code, `table` from specs: both bounded. */
export function engineTelemetry(telemetry: Telemetry) {
  const inflight = telemetry.gauge({
    name: 'pharos_engine_queries_inflight',
    help: 'Statements running or waiting for a session.',
    labels: ['class'],
  });
  telemetry.queues.publish({
    name: 'engine',
    what: 'statements that run or wait for a session, by class',
    unit: 'items',
    depth: inflight,
  });
  return {
    up: telemetry.gauge({ name: 'pharos_engine_up', help: 'Whether the engine answers.' }),
    restarts: telemetry.counter({
      name: 'pharos_engine_restarts_total',
      help: 'Times the engine process ended without being asked to.',
    }),
    discarded: telemetry.counter({
      name: 'pharos_engine_sessions_discarded_total',
      help: 'Sessions thrown away after a failed statement.',
    }),
    resident: telemetry.gauge({
      name: 'pharos_engine_anonymous_memory_bytes',
      help: "The engine process's own memory, without the pages of its library.",
    }),
    queries: telemetry.counter({
      name: 'pharos_engine_queries_total',
      help: 'Statements by purpose and result.',
      labels: ['purpose', 'result'],
    }),
    duration: telemetry.histogram({
      name: 'pharos_engine_query_duration_seconds',
      help: 'Time of a statement, its wait for a session included.',
      labels: ['class'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    }),
    inflight,
    inserts: telemetry.counter({
      name: 'pharos_engine_inserts_total',
      help: 'Blocks inserted, by table and result.',
      labels: ['table', 'result'],
    }),
    insertedRows: telemetry.counter({
      name: 'pharos_engine_inserted_rows_total',
      help: 'Rows of the blocks that were inserted, by table.',
      labels: ['table'],
    }),
    insertedBytes: telemetry.counter({
      name: 'pharos_engine_inserted_bytes_total',
      help: 'RowBinary bytes of the blocks that were inserted, by table.',
      labels: ['table'],
    }),
    partsSetAside: telemetry.counter({
      name: 'pharos_engine_parts_set_aside_total',
      help: 'Parts set aside since they did not read when an insert was to be compared with them.',
      labels: ['table'],
    }),
    detachedParts: telemetry.gauge({
      name: 'pharos_engine_detached_parts',
      help: 'Parts that the engine set aside as broken; their rows are in no answer.',
    }),
  };
}
