import type { Counter } from 'prom-client';
import type { Telemetry } from '../kernel/telemetry.ts';
import type { ProbeStatus } from './state.ts';

/** What the probes tell of themselves. */
export interface ProbesTelemetry {
  looked(type: string, outcome: 'success' | 'failure', seconds: number): void;
  /** How late a look began. */
  lag(seconds: number): void;
  missed(slots: number): void;
  retried(): void;
  changed(to: ProbeStatus): void;
  storeFailed(results: number): void;
  heartbeat(outcome: 'taken' | 'unknown'): void;
}

export interface ProbesGauges {
  states(): Readonly<Record<ProbeStatus | 'paused', number>>;
  running(): number;
  waiting(): number;
}

export function probesTelemetry(telemetry: Telemetry, gauges: ProbesGauges): ProbesTelemetry {
  const looks = telemetry.counter({
    name: 'pharos_probes_looks_total',
    help: 'Looks of probes by type and outcome.',
    labels: ['type', 'outcome'],
  });
  const duration = telemetry.histogram({
    name: 'pharos_probes_duration_seconds',
    help: 'Time a look took.',
    labels: ['type'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  });
  const lag = telemetry.histogram({
    name: 'pharos_probes_lag_seconds',
    help: 'How late looks began.',
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  });
  const missed = telemetry.counter({
    name: 'pharos_probes_missed_total',
    help: 'Looks that did not take place: the one before had not ended, or the process stood still.',
  });
  const retried = telemetry.counter({
    name: 'pharos_probes_retries_total',
    help: 'Looks repeated early because one failed.',
  });
  const changes = telemetry.counter({
    name: 'pharos_probes_state_changes_total',
    help: 'Changes of the status of probes, by the new one.',
    labels: ['status'],
  });
  const lost = telemetry.counter({
    name: 'pharos_probes_unstored_results_total',
    help: 'Results whose samples could not be stored.',
  });
  const heartbeats = telemetry.counter({
    name: 'pharos_probes_heartbeats_total',
    help: 'Heartbeats that came in, by whether their token is known.',
    labels: ['outcome'],
  });
  observe(telemetry, gauges, missed);
  return {
    looked: (type, outcome, seconds) => {
      looks.inc({ type, outcome });
      duration.observe({ type }, seconds);
    },
    lag: (seconds) => lag.observe(seconds),
    missed: (slots) => missed.inc(slots),
    retried: () => retried.inc(),
    changed: (status) => changes.inc({ status }),
    storeFailed: (results) => lost.inc(results),
    heartbeat: (outcome) => heartbeats.inc({ outcome }),
  };
}

function observe(telemetry: Telemetry, gauges: ProbesGauges, missed: Counter): void {
  telemetry.gauge({
    name: 'pharos_probes',
    help: 'Probes by status.',
    labels: ['status'],
    collect: (gauge) => {
      for (const [status, count] of Object.entries(gauges.states())) gauge.set({ status }, count);
    },
  });
  telemetry.gauge({
    name: 'pharos_probes_running',
    help: 'Looks under way.',
    value: () => gauges.running(),
  });
  telemetry.queues.publish({
    name: 'probes',
    what: 'probes that are due and wait for a place',
    unit: 'items',
    depth: telemetry.gauge({
      name: 'pharos_probes_waiting',
      help: 'Looks that are due and wait for others to end.',
      value: () => gauges.waiting(),
    }),
    lost: missed,
  });
}
