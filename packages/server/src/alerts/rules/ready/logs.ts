import { grown } from './grown.ts';
import type { ReadyGroup } from './ready-group.ts';

export const logs: ReadyGroup = {
  alerts: [
    {
      alert: 'LogPattern',
      severity: 'info',
      // What starts, also Pharos itself, has only new patterns.
      expr: `sum by (service) (${grown('pharos_logs_pattern_changes_total{kind="new",level=~"error|fatal|critical"}', '10m')}) > 0.5 and on () (time() - max(process_start_time_seconds{job="pharos"}) > 1800)`,
      summary: '{{ $labels.service }} logs errors of a new kind',
      description:
        '{{ $value | printf "%.0f" }} patterns of error lines that were never seen before came within ten minutes.',
    },
  ],
  runbook: {
    title: 'A service logs errors of a new kind',
    means: 'Log lines are sorted by their pattern. One at level error or above was never seen before.',
    look: [
      'The patterns of the service, newest first; one press leads to their lines, from a line to its trace.',
    ],
    act: ['Decide whether it is a fault, then follow the page on failing requests.'],
    tune: 'Lines with invented words make ever new patterns: log what varies as a field.',
  },
};
