import type { Telemetry } from '../../../kernel/telemetry.ts';

export function remoteWriteTelemetry(
  telemetry: Telemetry,
  size: () => { series: number; bytes: number; overflow: number },
) {
  telemetry.gauge({
    name: 'pharos_remote_write_known_series',
    help: 'Label sets that are recognised by their bytes.',
    value: () => size().series,
  });
  telemetry.gauge({
    name: 'pharos_remote_write_known_bytes',
    help: 'Memory for recognising label sets.',
    value: () => size().bytes,
  });
  telemetry.gauge({
    name: 'pharos_remote_write_unknown_for_lack_of_room',
    help: 'Times a label set could not be remembered because metrics.remote_write_receiver.known_memory was used up.',
    value: () => size().overflow,
  });
  return {
    requests: telemetry.counter({
      name: 'pharos_remote_write_requests_total',
      help: 'Remote-write requests by what became of them.',
      labels: ['version', 'result'],
    }),
    data: telemetry.counter({
      name: 'pharos_remote_write_received_total',
      help: 'Samples, histograms and exemplars in remote-write requests, stored or not.',
      labels: ['version', 'kind'],
    }),
    invalid: telemetry.counter({
      name: 'pharos_remote_write_invalid_series_total',
      help: 'Remote-written series without a usable label set.',
      labels: ['version'],
    }),
  };
}
