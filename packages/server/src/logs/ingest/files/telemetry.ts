import type { Telemetry } from '../../../kernel/telemetry.ts';

export type FilesTelemetry = ReturnType<typeof filesTelemetry>;

/** What the followed files say of themselves. */
export function filesTelemetry(
  telemetry: Telemetry,
  size: () => { readonly files: number; readonly open: number; readonly behindBytes: number },
) {
  telemetry.gauge({
    name: 'pharos_log_files_followed',
    help: 'Files that are followed.',
    value: () => size().files,
  });
  telemetry.gauge({
    name: 'pharos_log_files_open',
    help: 'Followed files that are open.',
    value: () => size().open,
  });
  const dropped = telemetry.counter({
    name: 'pharos_log_files_dropped_bytes_total',
    help: 'Bytes of files that the store refused for a lasting reason; they are passed over.',
  });
  telemetry.queues.publish({
    name: 'log_files',
    what: 'bytes of followed files that are not read yet; they wait on disk',
    unit: 'bytes',
    depth: telemetry.gauge({
      name: 'pharos_log_files_behind_bytes',
      help: 'Bytes of followed files that were there at the last look and are not read.',
      value: () => size().behindBytes,
    }),
    lost: dropped,
  });
  return {
    lines: telemetry.counter({ name: 'pharos_log_files_lines_total', help: 'Lines read from files.' }),
    bytes: telemetry.counter({ name: 'pharos_log_files_bytes_total', help: 'Bytes read from files.' }),
    malformed: telemetry.counter({
      name: 'pharos_log_files_malformed_total',
      help: 'Lines of files that were kept although something is wrong with them.',
      labels: ['reason'],
    }),
    events: telemetry.counter({
      name: 'pharos_log_files_events_total',
      help: 'Files found, renamed, cut off, copied, gone.',
      labels: ['event'],
    }),
    refused: telemetry.counter({
      name: 'pharos_log_files_refused_total',
      help: 'Files that patterns name and that are not followed, by reason.',
      labels: ['reason'],
    }),
    dropped,
  };
}
