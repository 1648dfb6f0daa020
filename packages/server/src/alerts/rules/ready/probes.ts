import type { ReadyGroup } from './ready-group.ts';

export const probes: ReadyGroup = {
  alerts: [
    {
      alert: 'ProbeFailed',
      severity: 'critical',
      // Our own probes say it after their retries and outside maintenance; those of a blackbox_exporter have `probe_success` alone.
      expr: 'probe_up == 0 or (probe_success unless probe_success{job="probes", probe!=""}) == 0',
      for: '2m',
      summary: '{{ or $labels.probe $labels.instance $labels.job }} cannot be reached',
      description: 'The probe has failed for two minutes, its retries included.',
    },
  ],
  runbook: {
    title: 'A probe fails',
    means:
      'Pharos looks at an address from outside, as its users do, and does not get the answer that the probe asks for: no connection, a wrong status, a missing word, or too slow.',
    look: [
      'The page of the probe: its last answer and the step that failed (name, connection, TLS, status, body, latency).',
      'The service behind the address: when its own state is well, look at what lies between, such as proxy, name service and certificate.',
    ],
    act: [
      'Bring back what lies behind the address.',
      'Announce work on it as a maintenance window of the probe.',
    ],
    tune: 'Retries, limits of latency and maintenance windows belong to the probe itself.',
  },
};
