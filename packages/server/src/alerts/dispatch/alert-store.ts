import type { StateStore, StateWrite } from '../../journal/index.ts';
import type { Alert } from '../received/alert.ts';
import { alertKind, storedAlertFields, storedAlertOf } from '../received/stored.ts';

/** Alerts that outlive a restart. Each call resolves when it is durable. */
export interface AlertStore {
  /** Each is read when its turn comes. */
  each(): Iterable<Alert>;
  put(alerts: readonly Alert[]): Promise<void>;
  delete(fingerprints: readonly string[]): Promise<void>;
}

export function alertStore(state: StateStore, tenant: string): AlertStore {
  const write = async (writes: readonly StateWrite[]): Promise<void> => {
    if (writes.length > 0) await state.write(writes);
  };
  return {
    each: function* () {
      for (const { value } of state.each(alertKind, tenant)) yield storedAlertOf(value);
    },
    put: (alerts) =>
      write(
        alerts.map((alert) => ({
          kind: alertKind,
          tenant,
          key: alert.fingerprint,
          value: storedAlertFields(alert),
        })),
      ),
    delete: (fingerprints) =>
      write(fingerprints.map((key) => ({ kind: alertKind, tenant, key, value: undefined }))),
  };
}
