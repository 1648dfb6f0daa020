import { defineErrors } from '../../../kernel/errors.ts';

/** What the remote-write door refuses; a sender drops what got a 4xx and sends again what got a 5xx (compat RW-1). */
export const remoteWriteErrors = defineErrors('remote_write', {
  unsupportedMedia: { kind: 'unsupported_media' },
  methodNotAllowed: { kind: 'method_not_allowed' },
  backfillDisabled: { kind: 'forbidden' },
  malformed: { kind: 'bad_request' },
  /** Samples that cannot be taken; `details.written` says what of a 2.0 request was. */
  refused: { kind: 'bad_request' },
  /** 503 and not 429, which Prometheus takes as a reason to drop unless told otherwise (RW-1). */
  busy: { kind: 'unavailable', hint: 'Send again after the time in Retry-After.' },
});
