import type { ReadyGroup } from './ready-group.ts';

export const resources: ReadyGroup = {
  interval: '1m',
  alerts: [
    {
      alert: 'HostCpuBusy',
      severity: 'warning',
      expr: '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) > 0.9',
      for: '15m',
      summary: 'The processors of {{ $labels.instance }} are {{ $value | humanizePercentage }} busy',
      description: 'They have been for a quarter of an hour: everything on the machine gets slower.',
    },
    {
      alert: 'HostMemoryLow',
      severity: 'warning',
      expr: 'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.08',
      for: '10m',
      summary: '{{ $value | humanizePercentage }} of the memory of {{ $labels.instance }} is available',
      description: 'When it is used up the kernel ends a process, often the largest.',
    },
    {
      alert: 'FileDescriptorsLow',
      severity: 'warning',
      expr: 'process_open_fds / process_max_fds > 0.85',
      for: '10m',
      summary:
        '{{ or $labels.service $labels.job }} uses {{ $value | humanizePercentage }} of its file descriptors',
      description: 'Without any left it can neither accept connections nor open files.',
    },
    {
      alert: 'EventLoopLag',
      severity: 'warning',
      // A loop that lags while its process takes next to nothing waits for its machine, as all others there: HostCpuBusy tells of that.
      expr: 'nodejs_eventloop_lag_p90_seconds > 0.2 unless rate(process_cpu_seconds_total[2m]) < 0.1',
      for: '5m',
      summary:
        'The event loop of {{ or $labels.service $labels.job }} lags by {{ $value | humanizeDuration }}',
      description:
        'Every tenth turn of the loop waits that long, by work of its own process: each request waits with it.',
    },
    {
      alert: 'MemoryGrows',
      severity: 'warning',
      // Half as much again as three hours before, and steadily: a cache that fills up levels off.
      expr: 'process_resident_memory_bytes > 1.5 * (process_resident_memory_bytes offset 3h) and process_resident_memory_bytes > 300e6 and deriv(process_resident_memory_bytes[1h]) > 0 and process_resident_memory_bytes > 1.1 * (process_resident_memory_bytes offset 1h)',
      for: '30m',
      summary: 'The memory of {{ or $labels.service $labels.job }} grows: {{ $value | humanize1024 }}B',
      description:
        'It is half as much again as three hours ago and has not levelled off within the last hour.',
    },
  ],
  runbook: {
    title: 'A machine or a process runs out of something',
    means:
      'Processor, memory, file descriptors or the turns of an event loop are nearly used up, or memory has grown for hours.',
    look: [
      'Which process takes it: the dashboard of the machine, then the page of the service.',
      'Whether it began with a version (a leak) or with more traffic (too few instances).',
    ],
    act: [
      'Restart a process that leaks, after taking a heap snapshot of it.',
      'Add instances, or raise the limit when the use is as it should be.',
    ],
    tune: 'Machines that are meant to be busy, such as those for builds, want a rule of their own.',
  },
};
