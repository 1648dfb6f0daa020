import type { Counter } from 'prom-client';
import type { Telemetry } from '../kernel/telemetry.ts';
import type { JournalPressure } from './types.ts';

/** Why something was put aside. */
export const QUARANTINE_REASONS = [
  'foreign',
  'corrupt',
  'missing',
  'unreadable',
  'refused',
  'unknown_table',
] as const;

const REFUSAL_REASONS = ['bytes', 'disk', 'queue', 'failed', 'stopped', 'tooLarge', 'invalid'] as const;

export type JournalTelemetry = ReturnType<typeof journalTelemetry>;

/** The journal's and the flusher's own metrics. Declare once per process. */
export function journalTelemetry(telemetry: Telemetry) {
  const append = appendMetrics(telemetry);
  const recovery = recoveryMetrics(telemetry);
  // Present from the start, so that the first increase is one.
  for (const reason of QUARANTINE_REASONS) recovery.quarantined.inc({ reason }, 0);
  for (const reason of REFUSAL_REASONS) append.refused.inc({ reason }, 0);
  return {
    ...append,
    ...recovery,
    ...flushMetrics(telemetry),
    /** Gauges that ask the journal when scraped. */
    watch: (pressure: () => JournalPressure) => watch(telemetry, append.refused, pressure),
  };
}

function appendMetrics(telemetry: Telemetry) {
  return {
    appendedBytes: telemetry.counter({
      name: 'pharos_journal_appended_bytes_total',
      help: 'Bytes made durable in the journal.',
    }),
    appendedRows: telemetry.counter({
      name: 'pharos_journal_appended_rows_total',
      help: 'Rows made durable in the journal.',
    }),
    commits: telemetry.counter({
      name: 'pharos_journal_commits_total',
      help: 'Group commits, each one write and one fsync.',
    }),
    requests: telemetry.counter({
      name: 'pharos_journal_requests_total',
      help: 'Requests acknowledged.',
    }),
    refused: telemetry.counter({
      name: 'pharos_journal_refused_total',
      help: 'Requests not taken, by reason.',
      labels: ['reason'],
    }),
    commitDuration: telemetry.histogram({
      name: 'pharos_journal_fsync_duration_seconds',
      help: 'Time of the write and fsync of a group commit.',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    }),
    diskErrors: telemetry.counter({
      name: 'pharos_journal_disk_errors_total',
      help: 'Failed file operations of the journal, by what it was doing.',
      labels: ['operation'],
    }),
  };
}

function recoveryMetrics(telemetry: Telemetry) {
  return {
    quarantined: telemetry.counter({
      name: 'pharos_journal_quarantined_total',
      help: 'Files, byte ranges and frames put aside because they cannot be stored, by reason. Alert on any increase.',
      labels: ['reason'],
    }),
    quarantinedRows: telemetry.counter({
      name: 'pharos_journal_quarantined_rows_total',
      help: 'Rows in quarantined frames (unknown for damaged byte ranges).',
    }),
    recoveredFrames: telemetry.counter({
      name: 'pharos_journal_recovered_frames_total',
      help: 'Acknowledged frames found at start that were not yet in the engine.',
    }),
    tornBytes: telemetry.counter({
      name: 'pharos_journal_torn_bytes_total',
      help: 'Bytes of unfinished, never acknowledged writes cut off at start.',
    }),
  };
}

function flushMetrics(telemetry: Telemetry) {
  return {
    flushes: telemetry.counter({
      name: 'pharos_journal_flushed_blocks_total',
      help: 'Blocks inserted into the engine.',
      labels: ['table'],
    }),
    flushedRows: telemetry.counter({
      name: 'pharos_journal_flushed_rows_total',
      help: 'Rows inserted into the engine.',
      labels: ['table'],
    }),
    flushErrors: telemetry.counter({
      name: 'pharos_journal_flush_errors_total',
      help: 'Failed inserts, by what the engine said.',
      labels: ['reason'],
    }),
    flushDuration: telemetry.histogram({
      name: 'pharos_journal_flush_duration_seconds',
      help: 'Time of one flush round, from the cut to the recorded position.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    }),
  };
}

function watch(telemetry: Telemetry, refused: Counter, pressure: () => JournalPressure): void {
  telemetry.queues.publish({
    name: 'journal',
    what: 'acknowledged rows of every signal on their way to the engine; full, the doors answer 503',
    unit: 'bytes',
    depth: telemetry.gauge({
      name: 'pharos_journal_pending_bytes',
      help: 'Durable bytes not yet in the engine.',
      value: () => pressure().bytes,
    }),
    oldest: telemetry.gauge({
      name: 'pharos_journal_flush_lag_seconds',
      help: 'How long the oldest row that is not yet in the engine has been waiting.',
      value: () => pressure().oldestAgeMs / 1000,
    }),
    lost: refused,
  });
  telemetry.gauge({
    name: 'pharos_journal_pending_rows',
    help: 'Durable rows not yet in the engine.',
    value: () => pressure().rows,
  });
  telemetry.gauge({
    name: 'pharos_journal_limit_bytes',
    help: 'Pending bytes at which requests are refused.',
    value: () => pressure().limit,
  });
}
