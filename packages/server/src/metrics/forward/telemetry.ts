import type { Counter, Gauge } from 'prom-client';
import type { Telemetry } from '../../kernel/telemetry.ts';

/** Metrics of forwarding, by the remote's name. */
export interface ForwardTelemetry {
  readonly sent: Counter;
  /** By reason: relabel, age, rejected (the remote refused them), unknown_series, unsupported. */
  readonly dropped: Counter;
  readonly retries: Counter;
  readonly lost: Counter;
  readonly exemplars: Counter;
  readonly behind: Gauge;
  readonly newest: Gauge;
}

export function forwardTelemetry(telemetry: Telemetry): ForwardTelemetry {
  const labels = ['remote'] as const;
  const dropped = telemetry.counter({
    name: 'pharos_forward_samples_dropped_total',
    help: 'Samples not sent to a remote, by reason: relabel, age, rejected, unknown_series, unsupported.',
    labels: ['remote', 'reason'],
  });
  const behind = telemetry.gauge({
    name: 'pharos_forward_behind_seconds',
    help: 'How long the oldest samples that a remote still has to take have waited; 0 when it has all.',
    labels,
  });
  telemetry.queues.publish({
    name: 'remote_write',
    what: 'samples that are to be sent on; they wait in the journal',
    unit: 'items',
    oldest: behind,
    lost: dropped,
  });
  return {
    sent: telemetry.counter({ name: 'pharos_forward_samples_total', help: 'Samples a remote took.', labels }),
    dropped,
    retries: telemetry.counter({
      name: 'pharos_forward_retries_total',
      help: 'Requests to a remote that failed and were sent again.',
      labels,
    }),
    lost: telemetry.counter({
      name: 'pharos_forward_gaps_total',
      help: 'Times a remote fell so far behind that the journal no longer had what it was to get.',
      labels,
    }),
    exemplars: telemetry.counter({
      name: 'pharos_forward_exemplars_total',
      help: 'Exemplars a remote took.',
      labels,
    }),
    behind,
    newest: telemetry.gauge({
      name: 'pharos_forward_newest_sample_timestamp_seconds',
      help: 'Time of the newest sample a remote took.',
      labels,
    }),
  };
}
