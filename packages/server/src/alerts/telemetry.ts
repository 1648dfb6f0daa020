import type { Telemetry } from '../kernel/telemetry.ts';
import type { Decision } from './decisions/decision.ts';

/** What alerts and their notifications tell of themselves. */
export interface AlertsTelemetry {
  decided(decisions: readonly Decision[]): void;
  lostDecisions(count: number): void;
  watch(gauges: {
    readonly alerts: () => number;
    readonly groups: () => number;
    readonly waiting: () => number;
    /** Decisions that the journal did not take yet. */
    readonly owed: () => number;
    readonly pages: () => number;
  }): void;
}

export function alertsTelemetry(telemetry: Telemetry): AlertsTelemetry {
  const decisions = telemetry.counter({
    name: 'pharos_alerts_decisions_total',
    help: 'Decisions about alerts by outcome: routed, grouped, inhibited, silenced, sent, failed and their like.',
    labels: ['outcome'],
  });
  const lost = telemetry.counter({
    name: 'pharos_alerts_decisions_lost_total',
    help: 'Decisions about alerts that were never written, because the journal took none for long. People were told all the same.',
  });
  return {
    lostDecisions: (count) => lost.inc(count),
    decided: (made) => {
      for (const { outcome } of made) decisions.inc({ outcome });
    },
    watch: ({ alerts, groups, waiting, owed, pages }) => {
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
      telemetry.queues.publish({
        name: 'alert_decisions',
        what: 'decisions about alerts that the journal did not take yet',
        unit: 'items',
        depth: telemetry.gauge({
          name: 'pharos_alerts_owed_decisions',
          help: 'Decisions about alerts that the journal did not take yet; people were told all the same.',
          value: () => owed(),
        }),
        lost,
      });
    },
  };
}
