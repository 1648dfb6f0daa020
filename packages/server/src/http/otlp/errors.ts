import { defineErrors } from '../../kernel/errors.ts';

/** What an OTLP door refuses as a whole, whatever the signal; single items are in the partial success of an accepted request. */
export const otlpErrors = defineErrors('otlp', {
  malformed: { kind: 'bad_request' },
  unsupportedMedia: { kind: 'unsupported_media' },
  /** Not one item of the request could be taken. */
  refused: { kind: 'bad_request' },
});
