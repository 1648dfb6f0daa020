import { defineErrors } from '../../../kernel/errors.ts';

export const pushErrors = defineErrors('push', {
  malformed: { kind: 'bad_request' },
  bad_group: { kind: 'bad_request' },
  unsupported_media: {
    kind: 'unsupported_media',
    hint: 'Send the Prometheus text format (text/plain) or OpenMetrics text.',
  },
  series_limit: { kind: 'too_many', hint: 'Push fewer series, or raise metrics.series_limit.' },
  too_many_groups: { kind: 'too_many', hint: 'DELETE groups that are done with.' },
});
