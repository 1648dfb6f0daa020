import { defineErrors } from '../kernel/errors.ts';

/** Start-up refusals of the login floor. */
export const accessErrors = defineErrors('access', {
  loginNotConfigured: { kind: 'forbidden' },
  unreadableSecret: { kind: 'bad_request' },
  weakSecret: { kind: 'bad_request' },
});
