import type { ServiceMap } from './alerts/index.ts';
import { failsCallers, hasOwnFault, isUnwell, lacksAnswers } from './health/index.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import type { ServiceNames } from './kernel/names.ts';
import type { Health } from './wire-health.ts';

/** The live map of services, as health knows it, for those who tell of alerts. */
export function serviceMapOf(
  names: ServiceNames,
  { monitor, calls, areCallsKnown }: Pick<Health, 'monitor' | 'calls' | 'areCallsKnown'>,
): ServiceMap {
  return {
    serviceOf: (labels) => names.of((name) => labels.get(name)),
    calls: () => calls(DEFAULT_TENANT),
    isKnown: areCallsKnown,
    standing: (service) => {
      const health = monitor.get(DEFAULT_TENANT, service);
      if (health === null) return null;
      return {
        // Nobody is told of one by itself that only waits for its machine: it explains nothing, and is waited for by nobody.
        isUnwell: isUnwell(health) && !health.waitsForMachine,
        hasOwnFault: hasOwnFault(health),
        failsCallers: failsCallers(health),
        lacksAnswers: lacksAnswers(health),
        causedBy: health.causedBy,
      };
    },
  };
}
