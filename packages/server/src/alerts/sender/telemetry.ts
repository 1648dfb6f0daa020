import type { Telemetry } from '../../kernel/telemetry.ts';

/** What sending tells of one Alertmanager, named by its URL. */
export interface SenderTelemetry {
  sent(alertmanager: string, alerts: number): void;
  failed(alertmanager: string, alerts: number): void;
  dropped(alertmanager: string, alerts: number): void;
  answered(seconds: number): void;
  /** Removes what is told of one that is gone. */
  forget(alertmanager: string): void;
}

export function senderTelemetry(
  telemetry: Telemetry,
  waiting: () => ReadonlyMap<string, number>,
): SenderTelemetry {
  const counter = (name: string, help: string) => telemetry.counter({ name, help, labels: ['alertmanager'] });
  const sent = counter('pharos_alerts_sent_total', 'Alerts that Alertmanagers took, repeats among them.');
  const failed = counter(
    'pharos_alerts_send_failures_total',
    'Alerts that an Alertmanager did not take; rules tell of them again.',
  );
  const dropped = counter(
    'pharos_alerts_dropped_total',
    'Alerts that were not sent because too many waited; rules tell of them again.',
  );
  const latency = telemetry.histogram({
    name: 'pharos_alerts_send_duration_seconds',
    help: 'Time an Alertmanager took to take alerts.',
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  });
  telemetry.gauge({
    name: 'pharos_alerts_waiting',
    help: 'Alerts that wait to be sent.',
    labels: ['alertmanager'],
    collect: (gauge) => {
      gauge.reset();
      for (const [alertmanager, count] of waiting()) gauge.set({ alertmanager }, count);
    },
  });
  return {
    sent: (alertmanager, alerts) => sent.inc({ alertmanager }, alerts),
    failed: (alertmanager, alerts) => failed.inc({ alertmanager }, alerts),
    dropped: (alertmanager, alerts) => dropped.inc({ alertmanager }, alerts),
    answered: (seconds) => latency.observe(seconds),
    forget: (alertmanager) => {
      for (const metric of [sent, failed, dropped]) metric.remove({ alertmanager });
    },
  };
}
