import type { Telemetry } from '../../kernel/telemetry.ts';

export type StateTelemetry = ReturnType<typeof stateTelemetry>;

/** The state store's own metrics. Declare once per process. */
export function stateTelemetry(telemetry: Telemetry) {
  return {
    writes: telemetry.counter({
      name: 'pharos_state_writes_total',
      help: 'Writes to the state store, by outcome.',
      labels: ['outcome'],
    }),
    snapshots: telemetry.counter({
      name: 'pharos_state_snapshots_total',
      help: 'Generations of the state log begun, each with a snapshot of all entries.',
    }),
    unreadable: telemetry.counter({
      name: 'pharos_state_unreadable_total',
      help: 'Stored values that their kind no longer accepts; they are kept and not shown.',
      labels: ['kind'],
    }),
    watch(load: () => { readonly entries: number; readonly bytes: number }): void {
      telemetry.gauge({
        name: 'pharos_state_entries',
        help: 'Entries in the state store.',
        value: () => load().entries,
      });
      telemetry.gauge({
        name: 'pharos_state_bytes',
        help: 'Bytes of JSON in the state store.',
        value: () => load().bytes,
      });
    },
  };
}
