import type { Counter, Histogram } from 'prom-client';
import type { Telemetry } from '../kernel/telemetry.ts';
import type { ServiceHealth } from './monitor.ts';
import type { Status } from './status.ts';

/** The health slice's own metrics. */
export interface HealthTelemetry {
  readonly polls: Counter;
  readonly duration: Histogram;
  readonly lag: Histogram;
  readonly objectives: Counter;
  readonly signals: Counter;
}

export function healthTelemetry(telemetry: Telemetry): HealthTelemetry {
  return {
    polls: telemetry.counter({
      name: 'pharos_health_polls_total',
      help: 'Polls of health endpoints by outcome: healthy, degraded, unhealthy, absent (no such endpoint), failed.',
      labels: ['outcome'],
    }),
    duration: telemetry.histogram({
      name: 'pharos_health_poll_duration_seconds',
      help: 'Time until a health endpoint answered or was given up.',
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    }),
    lag: telemetry.histogram({
      name: 'pharos_health_poll_lag_seconds',
      help: 'How late polls began.',
      buckets: [0.05, 0.25, 0.5, 1, 5, 30],
    }),
    objectives: telemetry.counter({
      name: 'pharos_health_objective_rounds_total',
      help: 'Rounds in which the traffic of a tenant was held against its objectives, by outcome.',
      labels: ['outcome'],
    }),
    signals: telemetry.counter({
      name: 'pharos_health_signal_reads_total',
      help: 'Reads of what other parts say of services (breakers, probes, events, errors), by source and outcome.',
      labels: ['source', 'outcome'],
    }),
  };
}

const FIGURE: Readonly<Record<Exclude<Status, 'unknown'>, number>> = {
  healthy: 0,
  degraded: 1,
  unhealthy: 2,
};

/** The one answer for each service as a series, so that rules can be about it. Nothing is said of one of which nothing is known. */
export function publishStates(telemetry: Telemetry, services: () => readonly ServiceHealth[]): void {
  telemetry.gauge({
    name: 'pharos_service_health',
    help: 'How each service is, all that is known of it taken together: 0 healthy, 1 degraded, 2 unhealthy.',
    labels: ['service'],
    collect: (gauge) => {
      gauge.reset();
      for (const { name, status } of services())
        if (status !== 'unknown') gauge.set({ service: name }, FIGURE[status]);
    },
  });
  telemetry.gauge({
    name: 'pharos_service_waits_for_machine',
    help: 'Whether all that is wrong with a service is that its machine has no processor left for it (1).',
    labels: ['service'],
    collect: (gauge) => {
      gauge.reset();
      for (const { name, status, waitsForMachine } of services())
        if (status !== 'unknown') gauge.set({ service: name }, waitsForMachine ? 1 : 0);
    },
  });
}
