import { TRAFFIC } from '../../../kernel/traffic.ts';
import { grown } from './grown.ts';
import type { ReadyGroup } from './ready-group.ts';

const FAILED = `http_requests_total{${TRAFFIC},status=~"5.."}`;
const ALL = `http_requests_total{${TRAFFIC}}`;
const SERVER_SPANS = 'traces_span_metrics_calls_total{span_kind="SPAN_KIND_SERVER"}';
const FAILED_SPANS =
  'traces_span_metrics_calls_total{span_kind="SPAN_KIND_SERVER",status_code="STATUS_CODE_ERROR"}';
const renamed = (expr: string): string =>
  `sum by (service) (label_replace(${expr}, "service", "$1", "service_name", "(.*)"))`;

export const errors: ReadyGroup = {
  alerts: [
    {
      alert: 'HighErrorRate',
      severity: 'critical',
      // A single failure among three requests at night is no outage: five of them within the window are.
      expr: `sum by (service, job) (rate(${FAILED}[5m])) / sum by (service, job) (rate(${ALL}[5m])) > 0.05 and sum by (service, job) (increase(${FAILED}[5m])) >= 5`,
      for: '5m',
      summary:
        '{{ $value | humanizePercentage }} of the requests to {{ or $labels.service $labels.job }} fail',
      description:
        'More than one in twenty requests has been answered with a status of 500 or more for five minutes.',
    },
    {
      alert: 'HighSpanErrorRate',
      severity: 'critical',
      // Services that tell of their requests by metrics are judged by those.
      expr: `${renamed(
        `sum by (service_name) (rate(${FAILED_SPANS}[5m])) / sum by (service_name) (rate(${SERVER_SPANS}[5m])) > 0.05 and sum by (service_name) (increase(${FAILED_SPANS}[5m])) >= 5`,
      )} unless on (service) group by (service) (http_requests_total)`,
      for: '5m',
      summary: '{{ $value | humanizePercentage }} of the requests to {{ $labels.service }} fail',
      description: 'More than one in twenty server spans has ended with an error for five minutes.',
    },
    {
      alert: 'NewErrorGroup',
      severity: 'info',
      expr: `sum by (signal) (${grown('pharos_errors_group_signals_total{signal=~"new|regressed"}', '10m')}) > 0.5`,
      summary:
        '{{ if eq $labels.signal "new" }}New{{ else }}Returned{{ end }} error groups: {{ $value | printf "%.0f" }}',
      description:
        'Errors of a kind that was not known, or that was resolved, came within the last ten minutes.',
    },
  ],
  runbook: {
    title: 'Requests fail',
    means:
      'A larger part of what a service is asked ends in an error of its own than its users will bear, or errors of a new kind have come.',
    look: [
      'The errors page, newest groups first: message, stack and the request it happened in.',
      'From a failed trace: the span that failed first is where it began, often in another service.',
      'What changed just before: a version, a configuration, the traffic itself.',
    ],
    act: [
      'Undo the change when there was one.',
      'Open the breaker to a dependency that fails, so that its callers answer at once.',
      'Resolve the group once it is corrected: it is marked when it comes back.',
    ],
    tune: 'One in twenty is for user-facing services; give others a rule of their own and leave this one out.',
  },
};
