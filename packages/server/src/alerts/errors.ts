import { defineErrors, type PharosError } from '../kernel/errors.ts';

export const alertErrors = defineErrors('alerts', {
  invalid: { kind: 'bad_request' },
  silence: { kind: 'bad_request' },
  unknownSilence: { kind: 'not_found' },
  unknownPage: { kind: 'not_found' },
  unknownSchedule: { kind: 'not_found' },
  endedPage: { kind: 'conflict' },
  override: { kind: 'bad_request' },
  maintenance: { kind: 'bad_request' },
  unknownMaintenance: { kind: 'not_found' },
  unknownIncident: { kind: 'not_found' },
  mergedIncident: { kind: 'conflict', hint: 'Its alerts are part of another incident: act on that one.' },
  incident: { kind: 'bad_request' },
  link: { kind: 'forbidden' },
  unknownAlert: { kind: 'not_found' },
  unknownRule: { kind: 'not_found' },
  fixedRules: { kind: 'not_implemented' },
  /** `details.problems` says of each field what is wrong with it. */
  rule: { kind: 'bad_request' },
  ruleExists: { kind: 'conflict' },
  ruleChanged: { kind: 'conflict', hint: 'Read it again, and make the change on what it says now.' },
  backTest: { kind: 'unprocessable' },
  slow: { kind: 'timeout' },
  left: { kind: 'canceled' },
  busy: { kind: 'too_many', hint: 'Back-tests that run are waited for; try again in a moment.' },
  /** The one Alertmanager there is belongs to the default tenant. */
  tenant: { kind: 'not_found' },
  tooMany: {
    kind: 'unavailable',
    hint: 'What is known was taken, and what there was room for; send it again when alerts have ended, or raise alertmanager.max_alerts.',
  },
  config: { kind: 'bad_request', hint: 'The configuration that was in effect stays.' },
});

export function noAlertmanager(tenant: string): PharosError {
  return alertErrors.make('tenant', `the tenant "${tenant}" has no Alertmanager`);
}

/** Rules are those of the default tenant. */
export function noRules(tenant: string): PharosError {
  return alertErrors.make('tenant', `the tenant "${tenant}" has no rules`);
}
