import { defineErrors } from '../kernel/errors.ts';

/** What the metrics slice refuses; the Prometheus routes map each kind to its own error type. */
export const metricsErrors = defineErrors('metrics', {
  badParameter: { kind: 'bad_request' },
  unknownPath: { kind: 'not_found' },
  execution: { kind: 'unprocessable' },
  tooManySamples: {
    kind: 'unprocessable',
    hint: 'Narrow the matchers or the time range, or raise metrics.query.max_samples.',
  },
  tooManySeries: {
    kind: 'unprocessable',
    hint: 'Narrow the matchers, or raise metrics.query.max_series.',
  },
  busy: {
    kind: 'unavailable',
    hint: 'Too many queries run at once. Ask again shortly, or raise metrics.query.max_concurrency.',
  },
  queryTimeout: {
    kind: 'unavailable',
    hint: 'The query took too long: narrow it, or raise metrics.query.timeout.',
  },
  adminDisabled: { kind: 'forbidden', hint: 'Set web.enable_admin_api to let the API delete data.' },
  storage: { kind: 'internal' },
  queryCanceled: { kind: 'canceled' },
});
