import type { Telemetry } from '../kernel/telemetry.ts';

/** What the status page tells of itself. */
export interface StatusPageTelemetry {
  letter(outcome: 'delivered' | 'failed' | 'dropped'): void;
  watch(gauges: { readonly waiting: () => number; readonly subscribers: () => number }): void;
}

export function statusPageTelemetry(telemetry: Telemetry): StatusPageTelemetry {
  const letters = telemetry.counter({
    name: 'pharos_status_page_notifications_total',
    help: 'What subscribers of the status page were sent, by outcome.',
    labels: ['outcome'],
  });
  return {
    letter: (outcome) => letters.inc({ outcome }),
    watch: ({ waiting, subscribers }) => {
      telemetry.queues.publish({
        name: 'status_page',
        what: 'notifications to subscribers of the status page',
        unit: 'items',
        depth: telemetry.gauge({
          name: 'pharos_status_page_waiting_notifications',
          help: 'What waits to be sent to subscribers of the status page.',
          value: () => waiting(),
        }),
        lost: { counter: letters, where: { outcome: 'dropped' } },
      });
      telemetry.gauge({
        name: 'pharos_status_page_subscribers',
        help: 'Subscribers of the status page who agreed.',
        value: () => subscribers(),
      });
    },
  };
}
