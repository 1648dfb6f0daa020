import type { ReadyGroup } from './ready-group.ts';

const SHARE_DOWN = 'count(up == 0) / count(up)';
/** With fewer targets, half of them is no sign that it is we who cannot see. */
const BLIND = `(${SHARE_DOWN} > 0.5 and count(up) >= 5)`;

export const targets: ReadyGroup = {
  alerts: [
    {
      alert: 'MostTargetsGone',
      severity: 'critical',
      expr: BLIND,
      for: '3m',
      summary: '{{ $value | humanizePercentage }} of all targets do not answer',
      description:
        'More than half of what Pharos scrapes has not answered for three minutes. What they would have told is unknown; single targets are not alerted on meanwhile.',
    },
    {
      alert: 'TargetDown',
      severity: 'warning',
      expr: `count by (job) (up == 0) / count by (job) (up) > 0.1 unless on () ${BLIND}`,
      for: '5m',
      summary: '{{ $value | humanizePercentage }} of the targets of {{ $labels.job }} do not answer',
      description:
        'More than a tenth of the targets of {{ $labels.job }} have not been scraped for five minutes.',
    },
    {
      alert: 'MetricsMissing',
      severity: 'warning',
      // Targets that are gone from discovery have no `up` at all: only their own past tells of them.
      expr: 'group by (job) (up offset 1h) unless on (job) group by (job) (up)',
      for: '15m',
      summary: 'Nothing of {{ $labels.job }} is scraped any more',
      description:
        'An hour ago {{ $labels.job }} had targets, now it has none: it was shut down, or discovery no longer finds it.',
    },
  ],
  runbook: {
    title: 'Targets do not answer',
    means:
      'Pharos asks a target for its metrics and gets none in time, or what it gets cannot be read. While most targets are gone at once there is one alert about that and none about each: then it is likelier that Pharos cannot see than that everything is down.',
    look: [
      'The targets page: the last error of each target says why, a refused connection, a timeout, or a line that cannot be read.',
      'Whether the targets share a machine, a network or a certificate.',
      'For a job that is missing as a whole: what its discovery answers (pharos_discovery_failures_total).',
    ],
    act: [
      'Bring the process back when it is gone; correct address, port or credentials when it is not.',
      'When most are gone: look at the network and the name service of the machine that Pharos runs on first.',
    ],
    tune: 'Jobs whose targets come and go, such as autoscaled ones, want a larger share than a tenth in a rule of their own.',
  },
};
