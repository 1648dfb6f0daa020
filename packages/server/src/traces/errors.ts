import { defineErrors } from '../kernel/errors.ts';

/** What the traces slice refuses. */
export const tracesErrors = defineErrors('traces', {
  badParameter: { kind: 'bad_request' },
  malformed: { kind: 'bad_request' },
  unsupportedMedia: { kind: 'unsupported_media' },
  notFound: { kind: 'not_found' },
  notImplemented: { kind: 'not_implemented' },
  busy: {
    kind: 'unavailable',
    hint: 'Spans wait for the engine; send them again, or raise traces.pending_memory.',
  },
  unavailable: { kind: 'unavailable' },
});
