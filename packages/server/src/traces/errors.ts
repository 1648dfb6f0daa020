import { defineErrors } from '../kernel/errors.ts';

/** What the traces slice refuses. */
export const tracesErrors = defineErrors('traces', {
  badParameter: { kind: 'bad_request' },
  malformed: { kind: 'bad_request' },
  unsupportedMedia: { kind: 'unsupported_media' },
  /** Too many answers are made or sent at once, or they hold too many spans. */
  tooManyQueries: { kind: 'too_many' },
  queryTimeout: {
    kind: 'timeout',
    hint: 'Ask for a shorter time or fewer traces, or raise traces.query.timeout.',
  },
  queryCanceled: { kind: 'canceled' },
  notFound: { kind: 'not_found' },
  notImplemented: { kind: 'not_implemented' },
  busy: {
    kind: 'unavailable',
    hint: 'Spans wait for the engine; send them again, or raise traces.pending_memory.',
  },
  unavailable: { kind: 'unavailable' },
});
