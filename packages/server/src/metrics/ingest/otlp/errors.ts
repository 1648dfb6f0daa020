import { defineErrors } from '../../../kernel/errors.ts';

/** What the OTLP door refuses as a whole; single points are in the partial success of an accepted request. */
export const otlpErrors = defineErrors('otlp', {
  malformed: { kind: 'bad_request' },
  unsupportedMedia: { kind: 'unsupported_media' },
  /** Not one point of the request could be taken. */
  refused: { kind: 'bad_request' },
});
