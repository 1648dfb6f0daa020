import type { Telemetry } from '../kernel/telemetry.ts';

export type EventsTelemetry = ReturnType<typeof eventsTelemetry>;

export interface EventsSize {
  readonly pendingEvents: number;
  readonly pendingBytes: number;
  readonly histories: number;
  readonly withoutHistory: number;
  readonly webhooksWaiting: number;
}

/** What the slice says of itself. `size` is asked at each scrape. */
export function eventsTelemetry(telemetry: Telemetry, size: () => EventsSize) {
  telemetry.gauge({
    name: 'pharos_events_pending',
    help: 'Events in memory that are not in the engine yet.',
    value: () => size().pendingEvents,
  });
  telemetry.queues.publish({
    name: 'events',
    what: 'events held in memory until the engine has them',
    unit: 'bytes',
    depth: telemetry.gauge({
      name: 'pharos_events_pending_bytes',
      help: 'Memory of the events that are not in the engine yet.',
      value: () => size().pendingBytes,
    }),
  });
  telemetry.gauge({
    name: 'pharos_events_histories',
    help: 'Sources with types whose history is kept.',
    value: () => size().histories,
  });
  const webhooks = telemetry.counter({
    name: 'pharos_event_webhooks_total',
    help: 'Critical events by what became of telling a webhook: delivered, failed, dropped.',
    labels: ['result'],
  });
  telemetry.queues.publish({
    name: 'event_webhooks',
    what: 'critical events that wait for a webhook',
    unit: 'items',
    depth: telemetry.gauge({
      name: 'pharos_events_webhooks_waiting',
      help: 'Critical events that wait to be delivered to a webhook.',
      value: () => size().webhooksWaiting,
    }),
    lost: { counter: webhooks, where: { result: 'dropped' } },
  });
  telemetry.gauge({
    name: 'pharos_events_without_history',
    help: 'Events since start that were compared with no history, because too many sources and types have one.',
    value: () => size().withoutHistory,
  });
  return {
    ...verdictCounters(telemetry),
    refused: telemetry.counter({
      name: 'pharos_events_refused_total',
      help: 'Events that could not be read, or lie too far in the past or future.',
    }),
    repeats: telemetry.counter({
      name: 'pharos_events_repeats_total',
      help: 'Events whose id was there already.',
    }),
    masked: telemetry.counter({
      name: 'pharos_events_masked_total',
      help: 'Values that were taken out of events before they were judged and stored.',
    }),
    ruleFailures: telemetry.counter({
      name: 'pharos_event_rule_failures_total',
      help: "Evaluations of users' rules that took too many steps, by rule.",
      labels: ['rule'],
    }),
    webhooks,
    reevaluated: telemetry.counter({
      name: 'pharos_events_reevaluated_total',
      help: 'Stored events that were judged again, by whether their verdict is another one.',
      labels: ['result'],
    }),
  };
}

/** What was judged: rules alert on it. */
function verdictCounters(telemetry: Telemetry) {
  return {
    verdicts: telemetry.counter({
      name: 'pharos_event_verdicts_total',
      help: 'Judged and stored events by source and status; sources beyond the first 500 count together.',
      labels: ['source', 'status'],
    }),
    decisions: telemetry.counter({
      name: 'pharos_event_decisions_total',
      help: 'Judged and stored events by source and what their sender is to do; sources beyond the first 500 count together.',
      labels: ['source', 'decision'],
    }),
    issues: telemetry.counter({
      name: 'pharos_event_issues_total',
      help: 'Events in which a rule found something, by rule and by the status that the event has; rules beyond the first 300 count together.',
      labels: ['rule', 'status'],
    }),
  };
}
