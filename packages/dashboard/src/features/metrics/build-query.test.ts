import { describe, expect, it } from 'vitest';
import { selector, suggestions } from './build-query.ts';

describe('the selector that is built', () => {
  it('is equality for one value and alternatives for several, each escaped', () => {
    expect(selector('up', {})).toBe('up');
    expect(selector('up', { job: ['a"b'], code: [], path: ['/a.b', '/c|d'] })).toBe(
      String.raw`up{job="a\"b", path=~"/a\\.b|/c\\|d"}`,
    );
  });

  it('quotes names that are no identifiers', () => {
    expect(selector('http.requests', { 'http.route': ['x'] })).toBe('{"http.requests", "http.route"="x"}');
  });
});

it.each([
  ['http_requests_total', 'counter', 'rate(http_requests_total[5m])'],
  ['latency_bucket', 'histogram', 'histogram_quantile(0.95, sum by (le) (rate(latency_bucket[5m])))'],
  ['latency', 'histogram', 'histogram_quantile(0.95, sum(rate(latency[5m])))'],
  ['temperature', 'gauge', 'temperature'],
  ['requests_total', '', 'rate(requests_total[5m])'],
])('%s (%s) is first asked for %s', (metric, type, query) => {
  expect(suggestions(metric, type, {})[0]?.query).toBe(query);
});
