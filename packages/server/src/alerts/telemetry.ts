import type { Telemetry } from '../kernel/telemetry.ts';
import type { Decision } from './decisions/decision.ts';

/** What alerts and their notifications tell of themselves. */
export interface AlertsTelemetry {
  decided(decisions: readonly Decision[]): void;
  watch(gauges: {
    readonly alerts: () => number;
    readonly groups: () => number;
    readonly waiting: () => number;
    readonly pages: () => number;
  }): void;
}

export function alertsTelemetry(telemetry: Telemetry): AlertsTelemetry {
  const decisions = telemetry.counter({
    name: 'pharos_alerts_decisions_total',
    help: 'Decisions about alerts by outcome: routed, grouped, inhibited, silenced, sent, failed and their like.',
    labels: ['outcome'],
  });
  return {
    decided: (made) => {
      for (const { outcome } of made) decisions.inc({ outcome });
    },
    watch: ({ alerts, groups, waiting, pages }) => {
      telemetry.gauge({ name: 'pharos_alerts_known', help: 'Alerts that are kept.', value: () => alerts() });
      telemetry.gauge({ name: 'pharos_alerts_groups', help: 'Groups of alerts.', value: () => groups() });
      telemetry.gauge({
        name: 'pharos_alerts_open_pages',
        help: 'Groups of alerts on their way through escalation policies.',
        value: () => pages(),
      });
      telemetry.queues.publish({
        name: 'alert_notifications',
        what: 'notifications of alerts that were decided and not delivered',
        unit: 'items',
        depth: telemetry.gauge({
          name: 'pharos_alerts_waiting_notifications',
          help: 'Notifications of alerts that were decided and not delivered.',
          value: () => waiting(),
        }),
        lost: { counter: decisions, where: { outcome: 'failed' } },
      });
    },
  };
}
