import { defineErrors } from '../kernel/errors.ts';

/** Refusals of the login floor: at start, and (`busy`) of a request. */
export const accessErrors = defineErrors('access', {
  loginNotConfigured: { kind: 'forbidden' },
  unreadableSecret: { kind: 'bad_request' },
  weakSecret: { kind: 'bad_request' },
  busy: { kind: 'too_many' },
});
