import { defineErrors } from '../../kernel/errors.ts';

/** What a remote read is refused for. */
export const remoteReadErrors = defineErrors('remote_read', {
  malformed: { kind: 'bad_request' },
  /** The protocol has no warnings: part of the data would be taken for all of it. */
  incomplete: { kind: 'unavailable' },
  tooManySamples: {
    kind: 'bad_request',
    hint: 'Narrow the matchers or the time range, or raise metrics.query.max_samples.',
  },
});
