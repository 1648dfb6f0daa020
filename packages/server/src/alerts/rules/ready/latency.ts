import { TRAFFIC } from '../../../kernel/traffic.ts';
import type { ReadyGroup } from './ready-group.ts';

const BUCKETS = `http_request_duration_seconds_bucket{${TRAFFIC}}`;
const ASKED = `sum by (service, job) (rate(http_request_duration_seconds_count{${TRAFFIC}}[5m])) > 0.2`;

/** Slow in itself, and slow beside what it was an hour ago: what always takes a second is not news. */
function degraded(quantile: number, seconds: number, times: number): string {
  const over = (window: string, offset: string): string =>
    `histogram_quantile(${quantile}, sum by (service, job, le) (rate(${BUCKETS}[${window}]${offset})))`;
  return `${over('5m', '')} > ${seconds} and ${over('5m', '')} > ${times} * ${over('30m', ' offset 15m')} and ${ASKED}`;
}

export const latency: ReadyGroup = {
  alerts: [
    {
      alert: 'LatencyDegraded',
      severity: 'warning',
      expr: degraded(0.95, 0.3, 2),
      for: '5m',
      summary:
        'p95 of {{ or $labels.service $labels.job }} is {{ $value | humanizeDuration }}, more than twice what it was',
      description: 'One request in twenty takes longer than that, against the half hour before.',
    },
    {
      alert: 'LatencyDegradedForFew',
      severity: 'warning',
      expr: `${degraded(0.99, 1, 3)} unless on (service, job) (${degraded(0.95, 0.3, 2)})`,
      for: '5m',
      summary:
        'p99 of {{ or $labels.service $labels.job }} is {{ $value | humanizeDuration }}, more than three times what it was',
      description: 'One request in a hundred takes longer than that, while most are as fast as before.',
    },
  ],
  runbook: {
    title: 'A service has become slow',
    means:
      'Its slowest requests take much longer than half an hour ago, and long enough for people to notice.',
    look: [
      'Slow against normal traces of the service: which attribute do the slow ones share?',
      'The critical path of one slow trace: the span that takes the time may lie in a dependency or its store.',
      'Processor, memory and event loop of the service, and whether its traffic grew.',
    ],
    act: ['Relieve or repair the dependency that takes the time.', 'Add instances when it is the traffic.'],
    tune: 'For an agreed latency define an objective with a limit of its own; this rule only knows what was usual.',
  },
};
