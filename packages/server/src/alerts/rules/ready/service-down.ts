import type { ReadyGroup } from './ready-group.ts';

export const serviceDown: ReadyGroup = {
  alerts: [
    {
      alert: 'ServiceDown',
      severity: 'critical',
      // A service is down when no instance of it says that it is well.
      expr: 'max by (service) (service_health_status) == 0',
      for: '5m',
      summary: 'Service {{ $labels.service }} is down',
      description: 'Every instance of {{ $labels.service }} has said for five minutes that it is unhealthy.',
    },
    {
      alert: 'ServiceUnhealthy',
      severity: 'critical',
      // Pharos' own answer, of all that is known: also of a service that can no longer say anything itself.
      expr: 'max by (service) (pharos_service_health) == 2 unless on (service) (max by (service) (service_health_status) == 0)',
      for: '3m',
      summary: 'Service {{ $labels.service }} is unhealthy',
      description:
        'For three minutes {{ $labels.service }} has not answered, or half of its requests have failed; GET /api/health says why.',
    },
  ],
  runbook: {
    title: 'A service is down',
    means:
      'Each instance of the service reports its own health, and none of them has been well for five minutes: a check of its own fails, such as its database, or its process is about to end. Or Pharos itself finds that the service does not answer, or that most of its requests fail.',
    look: [
      'The page of the service: its one state, and the reasons of that state, worst first.',
      'Its dependencies on the map: when one of them is red too, begin there.',
      'Its errors and log lines since the state changed, and whether a version was deployed just before.',
    ],
    act: [
      'Bring the failing dependency back, or undo the deployment.',
      'Restart an instance that no longer recovers; keep its last log lines for later.',
    ],
    tune: 'Services that may be down for longer, such as batch jobs, want a rule of their own with a longer "for".',
  },
};
