import { defineErrors } from '../errors.ts';

/** What is wrong with bytes in one of the wire formats. */
export const wireErrors = defineErrors('wire', {
  malformed: { kind: 'bad_request' },
  tooLarge: { kind: 'too_large' },
});
