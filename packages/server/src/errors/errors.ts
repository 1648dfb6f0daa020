import { defineErrors } from '../kernel/errors.ts';

/** What the errors slice refuses. */
export const errorsErrors = defineErrors('errors', {
  badParameter: { kind: 'bad_request' },
  malformed: { kind: 'bad_request' },
  refused: { kind: 'bad_request' },
  tooLarge: { kind: 'too_large' },
  unknownProject: {
    kind: 'forbidden',
    hint: 'list the project and its public key in errors.projects',
  },
  unknownGroup: { kind: 'not_found' },
  unknownEvent: { kind: 'not_found' },
  unknownMap: { kind: 'not_found' },
  tooManyMerged: { kind: 'conflict' },
  conflict: { kind: 'conflict' },
  rateLimited: { kind: 'too_many', hint: 'Send fewer errors, or raise errors.rate_limit.' },
  busy: {
    kind: 'unavailable',
    hint: 'Errors wait for the engine; send them again, or raise errors.pending_memory.',
  },
});
