import type { Telemetry } from '../../../kernel/telemetry.ts';

export function remoteWriteTelemetry(
  telemetry: Telemetry,
  size: () => { series: number; bytes: number; overflow: number },
) {
  const gauge = (name: string, help: string, read: (now: ReturnType<typeof size>) => number): void => {
    telemetry.gauge({ name, help, collect: (own) => own.set(read(size())) });
  };
  gauge(
    'pharos_remote_write_known_series',
    'Label sets that are recognised by their bytes.',
    (now) => now.series,
  );
  gauge('pharos_remote_write_known_bytes', 'Memory for recognising label sets.', (now) => now.bytes);
  gauge(
    'pharos_remote_write_unknown_for_lack_of_room',
    'Times a label set could not be remembered because metrics.remote_write_receiver.known_memory was used up.',
    (now) => now.overflow,
  );
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
