import type { Telemetry } from '../../kernel/telemetry.ts';

export type StateTelemetry = ReturnType<typeof stateTelemetry>;

/** A state store's own metrics. Declare once per store; each has a prefix of its own. */
export function stateTelemetry(telemetry: Telemetry, prefix = 'pharos_state') {
  return {
    writes: telemetry.counter({
      name: `${prefix}_writes_total`,
      help: 'Writes to this state store, by outcome.',
      labels: ['outcome'],
    }),
    snapshots: telemetry.counter({
      name: `${prefix}_snapshots_total`,
      help: 'Generations of the state log begun, each with a snapshot of all entries.',
    }),
    unreadable: telemetry.counter({
      name: `${prefix}_unreadable_total`,
      help: 'Stored values that their kind no longer accepts; they are kept and not shown.',
      labels: ['kind'],
    }),
    watch(load: () => { readonly entries: number; readonly bytes: number }): void {
      telemetry.gauge({
        name: `${prefix}_entries`,
        help: 'Entries in this state store.',
        value: () => load().entries,
      });
      telemetry.gauge({
        name: `${prefix}_bytes`,
        help: 'Bytes of JSON in this state store.',
        value: () => load().bytes,
      });
    },
  };
}
