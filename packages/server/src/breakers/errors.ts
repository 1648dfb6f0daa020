import { defineErrors } from '../kernel/errors.ts';

/** What the breakers slice refuses. */
export const breakerErrors = defineErrors('breakers', {
  unknownInstance: { kind: 'not_found', hint: 'report the breakers first' },
  unknownBreaker: { kind: 'not_found' },
  notCommandable: { kind: 'conflict' },
  full: { kind: 'unavailable' },
  invalidHold: { kind: 'bad_request' },
});
