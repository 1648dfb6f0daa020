import { defineErrors } from '../kernel/errors.ts';

/** What the logs slice refuses. */
export const logsErrors = defineErrors('logs', {
  badParameter: { kind: 'bad_request' },
  malformed: { kind: 'bad_request' },
  refused: { kind: 'bad_request' },
  /** Streams are freed as others fall idle: senders that wait lose nothing. */
  tooManyStreams: {
    kind: 'too_many',
    hint: 'Send fewer streams: labels with many values belong into structured metadata. Or raise logs.stream_limit.',
  },
  unsupportedMedia: { kind: 'unsupported_media' },
  badQuery: { kind: 'bad_request' },
  queryTimeout: { kind: 'timeout' },
  queryCanceled: { kind: 'canceled' },
  tooManyQueries: { kind: 'too_many' },
  /** Part of the lines is out of reach, and part of an answer would be a wrong one. */
  incomplete: {
    kind: 'unavailable',
    hint: 'It is asked again; the log of Pharos says why the engine is away.',
  },
  unsupported: { kind: 'not_implemented' },
  unknownSearch: { kind: 'not_found' },
  searchExists: { kind: 'conflict', hint: 'Choose another name, or change the one there is.' },
  searchConflict: { kind: 'conflict', hint: 'Load it again, then change it.' },
  tooManySearches: { kind: 'unprocessable', hint: 'Remove saved searches that nobody uses.' },
  busy: {
    kind: 'unavailable',
    hint: 'Lines wait for the engine; send them again, or raise logs.pending_memory.',
  },
});
