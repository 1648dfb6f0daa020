import { defineErrors, type PharosError } from '../kernel/errors.ts';

export const sloErrors = defineErrors('slos', {
  unknown: { kind: 'not_found', hint: 'Objectives stand in the section "slos" of the configuration file.' },
  /** Rules are those of the default tenant. */
  tenant: { kind: 'not_found' },
});

export function noRules(tenant: string): PharosError {
  return sloErrors.make('tenant', `the tenant "${tenant}" has no rules`);
}
