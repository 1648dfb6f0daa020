import type { FieldSettings } from '../field-model.ts';
import type { DashboardInput } from '../model.ts';
import {
  alarm,
  choice,
  curves,
  EVENTS,
  figure,
  type Group,
  heat,
  place,
  rows,
  STACKED,
  states,
} from './build.ts';

const SERVICE = 'job=~"$service"';
const HEALTH: FieldSettings = {
  color: { mode: 'thresholds' },
  thresholds: {
    mode: 'absolute',
    steps: [
      { value: null, color: 'green' },
      { value: 1, color: 'orange' },
      { value: 2, color: 'red' },
    ],
  },
  mappings: [
    { type: 'value', value: '0', text: 'healthy', color: 'green' },
    { type: 'value', value: '1', text: 'degraded', color: 'orange' },
    { type: 'value', value: '2', text: 'unhealthy', color: 'red' },
  ],
};
/** What Pharos knows of a service; where it does not watch it, what the service says of itself, which knows no degraded. */
const STATE = [
  'max by (job) (label_join(pharos_service_health{service=~"$service"}, "job", "", "service"))',
  `max by (job) ((1 - service_health_status{${SERVICE}}) * 2)`,
].join(' or ');
const BREAKER: FieldSettings = {
  color: { mode: 'thresholds' },
  mappings: [
    { type: 'value', value: '0', text: 'closed', color: 'green' },
    { type: 'value', value: '1', text: 'half-open', color: 'orange' },
    { type: 'value', value: '2', text: 'open', color: 'red' },
  ],
};
const rate = (more = '') => `sum(rate(http_requests_total{${SERVICE}${more}}[$__rate_interval]))`;
const quantile = (q: number) =>
  `histogram_quantile(${q}, sum by (le) (rate(http_request_duration_seconds_bucket{${SERVICE}}[$__rate_interval])))`;

const GROUPS: readonly Group[] = [
  {
    title: 'Now',
    panels: [
      figure('Healthy services', `count((${STATE}) == 0) or vector(0)`),
      figure('Requests', rate(), { unit: 'reqps' }),
      figure('Failed requests', `(${rate(',status=~"5.."')} or vector(0)) / ${rate()}`, {
        unit: 'percentunit',
        field: alarm(0.01, 0.05),
      }),
      figure('p95 latency', quantile(0.95), { unit: 's', field: alarm(0.5, 2) }),
      figure('Open breakers', `count(circuit_breaker_state{${SERVICE}} == 2) or vector(0)`, {
        field: alarm(1, 2),
      }),
      figure('Active users', `sum(active_users_total{${SERVICE}})`),
      states('State of each service', { '{{job}}': STATE }, { w: 12, field: HEALTH }),
      states(
        'Circuit breakers',
        { '{{service}} to {{name}}': `circuit_breaker_state{${SERVICE}}` },
        { w: 12, field: BREAKER },
      ),
    ],
  },
  {
    title: 'Requests',
    panels: [
      curves(
        'Request rate by service',
        { '{{job}}': `sum by (job) (rate(http_requests_total{${SERVICE}}[$__rate_interval]))` },
        { unit: 'reqps', field: STACKED },
      ),
      curves(
        'Latency of all',
        { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) },
        { unit: 's' },
      ),
      curves(
        'Request rate by status',
        { '{{status}}': `sum by (status) (rate(http_requests_total{${SERVICE}}[$__rate_interval]))` },
        { unit: 'reqps', field: STACKED },
      ),
      heat(
        'Spread of the latency',
        `sum by (le) (increase(http_request_duration_seconds_bucket{${SERVICE}}[$__rate_interval]))`,
        { unit: 's' },
      ),
      rows('Slowest routes', {
        p95: {
          expr: `topk(15, histogram_quantile(0.95, sum by (job, route, le) (rate(http_request_duration_seconds_bucket{${SERVICE}}[5m]))) >= 0)`,
          unit: 's',
        },
        'Requests/s': {
          expr: `sum by (job, route) (rate(http_requests_total{${SERVICE}}[5m]))`,
          unit: 'reqps',
        },
      }),
    ],
  },
  {
    title: 'Errors',
    panels: [
      curves(
        'Errors by type',
        { '{{type}}': `sum by (type) (rate(errors_total{${SERVICE}}[$__rate_interval]))` },
        { unit: 'ops', field: STACKED },
      ),
      curves(
        'Errors by severity',
        { '{{severity}}': `sum by (severity) (rate(errors_total{${SERVICE}}[$__rate_interval]))` },
        { unit: 'ops' },
      ),
      curves(
        'Breaker decisions',
        {
          '{{result}}': `sum by (result) (rate(circuit_breaker_requests_total{${SERVICE}}[$__rate_interval]))`,
        },
        { unit: 'ops' },
      ),
    ],
  },
  {
    title: 'Resources',
    panels: [
      curves('CPU', { '{{job}}': `cpu_percent{${SERVICE}}` }, { unit: 'percent' }),
      curves('Memory', { '{{job}}': `process_resident_memory_bytes{${SERVICE}}` }, { unit: 'bytes' }),
      curves(
        'Event-loop lag, p99',
        { '{{job}}': `nodejs_eventloop_lag_p99_seconds{${SERVICE}}` },
        { unit: 's' },
      ),
      curves('Heap in use', { '{{job}}': `nodejs_heap_size_used_bytes{${SERVICE}}` }, { unit: 'bytes' }),
      curves(
        'Garbage collection',
        {
          '{{job}}': `sum by (job) (rate(nodejs_gc_duration_seconds_sum{${SERVICE}}[$__rate_interval]))`,
        },
        { unit: 'percentunit' },
      ),
      curves('Connections', { '{{job}}': `active_connections{${SERVICE}}` }),
    ],
  },
];

/** What services say of themselves through the SDK: state, golden signals, breakers, resources. */
export function systemHealth(): DashboardInput {
  return {
    uid: 'pharos-system-health',
    title: 'System Health',
    description: 'State, latency, errors, breakers and resources of every service.',
    tags: ['pharos', 'services'],
    folder: 'Ready made',
    time: { range: '1h' },
    annotations: EVENTS,
    variables: [choice('service', 'Service', 'label_values(service_health_status, job)')],
    panels: place(GROUPS),
  };
}
