import { grown } from './grown.ts';
import type { ReadyGroup } from './ready-group.ts';

export const events: ReadyGroup = {
  alerts: [
    {
      alert: 'CriticalEvents',
      severity: 'warning',
      expr: `sum by (source) (${grown('pharos_event_verdicts_total{status="CRITICAL"}', '10m')}) > 2.5`,
      summary: 'About {{ $value | printf "%.0f" }} events of {{ $labels.source }} were judged critical',
      description: 'Three or more within ten minutes.',
    },
  ],
  runbook: {
    title: 'Events are judged critical',
    means: 'A service asked whether to go on, and rules said no, again and again.',
    look: ['The events page, by source: each verdict names the rules that led to it and their limits.'],
    act: [
      'When the events are wrong, follow them to the service that made them.',
      'When the verdicts are wrong, try the changed rule on the stored events before saving it.',
    ],
    tune: 'Rules of one source can have limits of their own.',
  },
};
