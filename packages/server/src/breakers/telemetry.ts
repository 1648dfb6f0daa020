import type { Counter, Gauge } from 'prom-client';
import type { Telemetry } from '../kernel/telemetry.ts';

/** The breakers slice's own metrics. */
export interface BreakersTelemetry {
  readonly reports: Counter;
  readonly transitions: Counter;
  readonly commands: Counter;
  readonly acknowledged: Counter;
  readonly questions: Gauge;
  /** Reads instances and breakers when /metrics is scraped. */
  observe(count: (instances: (status: string) => void, breakers: (state: string) => void) => void): void;
}

export function breakersTelemetry(telemetry: Telemetry): BreakersTelemetry {
  let observed: Parameters<BreakersTelemetry['observe']>[0] = () => undefined;
  const gauge = (name: string, help: string, label: string, pick: 0 | 1): void => {
    telemetry.gauge({
      name,
      help,
      labels: [label],
      collect: (made) => {
        made.reset();
        const count = (value: string): void => made.inc({ [label]: value });
        const ignore = (): void => undefined;
        observed(pick === 0 ? count : ignore, pick === 1 ? count : ignore);
      },
    });
  };
  gauge('pharos_breakers_instances', 'Processes that report breakers: live, silent or left.', 'status', 0);
  gauge('pharos_breakers_known', 'Breakers of live processes by state.', 'state', 1);
  return {
    reports: telemetry.counter({
      name: 'pharos_breakers_reports_total',
      help: 'Reports of breakers by outcome: taken, refused.',
      labels: ['outcome'],
    }),
    transitions: telemetry.counter({
      name: 'pharos_breakers_transitions_total',
      help: 'Changes of state that were reported.',
      labels: ['to_state'],
    }),
    commands: telemetry.counter({
      name: 'pharos_breakers_commands_total',
      help: 'Commands to breakers that people gave.',
      labels: ['action'],
    }),
    acknowledged: telemetry.counter({
      name: 'pharos_breakers_acknowledged_total',
      help: 'What breakers made of commands: applied, unsupported, unknown, failed, other.',
      labels: ['outcome'],
    }),
    questions: telemetry.gauge({
      name: 'pharos_breakers_questions',
      help: 'Questions for commands that are held open.',
    }),
    observe: (count) => {
      observed = count;
    },
  };
}
