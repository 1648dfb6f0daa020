import type { Telemetry } from '../kernel/telemetry.ts';

export type ErrorsTelemetry = ReturnType<typeof errorsTelemetry>;

/** What the slice says of itself. `size` is asked at each scrape. */
export function errorsTelemetry(
  telemetry: Telemetry,
  size: () => { readonly groups: number; readonly pending: number; readonly pendingBytes: number },
) {
  telemetry.gauge({
    name: 'pharos_errors_groups',
    help: 'Groups of errors of all tenants.',
    value: () => size().groups,
  });
  telemetry.gauge({
    name: 'pharos_errors_pending_events',
    help: 'Errors in memory that are not in the engine yet.',
    value: () => size().pending,
  });
  telemetry.queues.publish({
    name: 'errors',
    what: 'errors held in memory until the engine has them',
    unit: 'bytes',
    depth: telemetry.gauge({
      name: 'pharos_errors_pending_bytes',
      help: 'Memory of the errors that are not in the engine yet.',
      value: () => size().pendingBytes,
    }),
  });
  return {
    events: telemetry.counter({
      name: 'pharos_errors_events_total',
      help: 'Errors by the door they came by and what became of them.',
      labels: ['origin', 'result'],
    }),
    refused: telemetry.counter({
      name: 'pharos_errors_refused_total',
      help: 'Errors that were not taken, by reason.',
      labels: ['reason'],
    }),
    ungrouped: telemetry.counter({
      name: 'pharos_errors_ungrouped_total',
      help: 'Errors that stand in the group of further errors, by reason: their service has its share of groups, or no group of the tenant may give way.',
      labels: ['reason'],
    }),
    evicted: telemetry.counter({
      name: 'pharos_errors_groups_evicted_total',
      help: 'Groups that gave way to new ones, by reason: resolved, idle, or of a service that had more than its share.',
      labels: ['reason'],
    }),
    ignored: telemetry.counter({
      name: 'pharos_errors_ignored_items_total',
      help: 'Items of Sentry envelopes that are taken and not kept, by kind.',
      labels: ['item'],
    }),
    signals: telemetry.counter({
      name: 'pharos_errors_group_signals_total',
      help: 'What happened to groups: new, regressed, unignored, resolved, ignored, reopened, merged; by the service that had the newest error, those beyond the first 500 together.',
      labels: ['signal', 'service'],
    }),
    byService: telemetry.counter({
      name: 'pharos_errors_service_events_total',
      help: 'Stored errors by service and type; services beyond the first 500 count together.',
      labels: ['service', 'type'],
    }),
    byGroup: telemetry.counter({
      name: 'pharos_errors_group_events_total',
      help: 'Stored errors by the id of their group; groups beyond the first 500 that had one since the start count together.',
      labels: ['group'],
    }),
    saveFailures: telemetry.counter({
      name: 'pharos_errors_group_save_failures_total',
      help: 'Times that groups could not be saved; they are tried again.',
    }),
  };
}
