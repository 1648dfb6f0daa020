import { defineErrors } from '../kernel/errors.ts';

export const sloErrors = defineErrors('slos', {
  unknown: { kind: 'not_found', hint: 'Objectives stand in the section "slos" of the configuration file.' },
  /** Rules are those of the default tenant. */
  tenant: { kind: 'not_found' },
});
