import { defineErrors } from '../../kernel/errors.ts';

/** Why a scrape failed. Also the `reason` label of the telemetry. */
export const scrapeErrors = defineErrors('scrape', {
  timeout: { kind: 'timeout', hint: 'Raise scrape_timeout, or make the target answer faster.' },
  connect: { kind: 'unavailable', hint: 'Is the target running, and is its address right?' },
  status: { kind: 'unavailable', hint: 'The target must answer 200.' },
  request: { kind: 'bad_request', hint: 'See http_headers and the credentials of the job.' },
  redirects: { kind: 'unavailable' },
  content_type: {
    kind: 'unsupported_media',
    hint: 'Set fallback_scrape_protocol for targets that send no or a wrong Content-Type.',
  },
  encoding: { kind: 'unsupported_media' },
  body_too_large: { kind: 'too_large', hint: 'Raise body_size_limit, or let the target expose less.' },
  parse: { kind: 'unprocessable' },
  invalid_series: { kind: 'unprocessable' },
  sample_limit: {
    kind: 'unprocessable',
    hint: 'Raise sample_limit, or drop series by metric_relabel_configs.',
  },
  target_limit: { kind: 'unprocessable', hint: 'Raise target_limit, or drop targets by relabel_configs.' },
  stopped: { kind: 'canceled' },
});
