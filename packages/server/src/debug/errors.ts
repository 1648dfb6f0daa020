import { defineErrors } from '../kernel/errors.ts';

export const debugErrors = defineErrors('debug', {
  adminOnly: { kind: 'forbidden', hint: 'Log in as the user admin, or send the API token.' },
});
