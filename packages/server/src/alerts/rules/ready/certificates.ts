import type { ReadyGroup } from './ready-group.ts';

const LEFT = 'min by (instance, probe, job) (probe_ssl_earliest_cert_expiry) - time()';

export const certificates: ReadyGroup = {
  alerts: [
    {
      alert: 'CertificateExpiry',
      severity: 'warning',
      expr: `(${LEFT}) < 14 * 86400 > 3 * 86400`,
      for: '1h',
      summary:
        'The certificate of {{ or $labels.probe $labels.instance $labels.job }} expires in {{ $value | humanizeDuration }}',
      description: 'It was to be renewed by now: most are renewed thirty days before they expire.',
    },
    {
      alert: 'CertificateExpiresSoon',
      severity: 'critical',
      expr: `(${LEFT}) <= 3 * 86400`,
      for: '5m',
      summary:
        'The certificate of {{ or $labels.probe $labels.instance $labels.job }} expires in {{ $value | humanizeDuration }}',
      description: 'Less than three days are left; after that no client will connect.',
    },
  ],
  runbook: {
    title: 'A certificate is about to expire',
    means:
      'The first certificate of the chain that an address shows will soon be over. Clients then refuse to connect.',
    look: [
      'Whether it is renewed automatically, and what the renewal last said.',
      'Whether the server still shows the old one although a new one lies there: many load it only at their start.',
    ],
    act: ['Renew it, and reload the server.', 'Check that the probe sees the new date.'],
    tune: 'Fourteen and three days suit certificates of ninety days; shorter ones want shorter limits.',
  },
};
