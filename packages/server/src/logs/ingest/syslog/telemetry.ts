import type { Telemetry } from '../../../kernel/telemetry.ts';

export type SyslogTelemetry = ReturnType<typeof syslogTelemetry>;

/** What the syslog door says of itself. */
export function syslogTelemetry(
  telemetry: Telemetry,
  size: () => { readonly connections: number; readonly queuedBytes: number },
) {
  telemetry.gauge({
    name: 'pharos_syslog_connections',
    help: 'Open syslog connections.',
    value: () => size().connections,
  });
  const dropped = telemetry.counter({
    name: 'pharos_syslog_dropped_total',
    help: 'Syslog messages that were lost.',
    labels: ['transport', 'reason'],
  });
  telemetry.queues.publish({
    name: 'syslog',
    what: 'datagrams that wait for the store',
    unit: 'bytes',
    depth: telemetry.gauge({
      name: 'pharos_syslog_queued_bytes',
      help: 'Bytes of syslog datagrams that wait for the store.',
      value: () => size().queuedBytes,
    }),
    lost: dropped,
  });
  return {
    messages: telemetry.counter({
      name: 'pharos_syslog_messages_total',
      help: 'Syslog messages received.',
      labels: ['transport', 'format'],
    }),
    malformed: telemetry.counter({
      name: 'pharos_syslog_malformed_total',
      help: 'Syslog messages that were kept although something is wrong with them.',
      labels: ['reason'],
    }),
    dropped,
    handshakes: telemetry.counter({
      name: 'pharos_syslog_handshakes_failed_total',
      help: 'Syslog connections that did not come to speak TLS.',
    }),
    refused: telemetry.counter({
      name: 'pharos_syslog_connections_refused_total',
      help: 'Syslog connections over the limit.',
    }),
  };
}
