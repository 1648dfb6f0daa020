import type { ReadyGroup } from './ready-group.ts';

export const breakers: ReadyGroup = {
  alerts: [
    {
      alert: 'BreakerOpen',
      severity: 'warning',
      expr: 'max by (service, name) (circuit_breaker_state) == 2',
      for: '1m',
      keepFiringFor: '2m',
      summary: '{{ $labels.service }} no longer calls what is behind {{ $labels.name }}',
      description:
        'The circuit breaker {{ $labels.name }} of {{ $labels.service }} has been open for a minute: its calls fail at once or get the fallback.',
    },
  ],
  runbook: {
    title: 'A circuit breaker is open',
    means:
      'So many calls of a dependency failed that the caller stopped making them. Between tries a breaker is half open; that counts as the same outage for two minutes.',
    look: [
      'The breakers page: since when, after which failures, on how many instances.',
      'The service behind it: its own state and reasons. The caller is the messenger.',
    ],
    act: [
      'Bring the dependency back; the breaker closes by itself after its next good calls.',
      'A breaker that stays open although the dependency is well can be reset there, with a reason.',
    ],
    tune: 'Limits belong to the breaker; the page proposes some from its history.',
  },
};
