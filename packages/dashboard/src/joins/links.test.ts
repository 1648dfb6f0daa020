import { describe, expect, it } from 'vitest';
import { aroundPoint, logsOfTrace, metricsOfLine, metricsOfRequest, serviceOfSeries } from './links.ts';

const AT = 1_795_305_889_123.5;
const request = {
  traceId: '5b8efff798038103d269b633813fc60c',
  service: 'gateway',
  operation: 'GET /a"b\\c',
  at: AT,
  durationMs: 42.25,
};

describe('from a request to what belongs to it', () => {
  it('asks for the lines of every service, a minute around the trace', () => {
    expect(logsOfTrace(request)).toEqual({
      q: '{service_name=~".+"} | trace_id="5b8efff798038103d269b633813fc60c"',
      range: undefined,
      from: 1_795_305_829_123,
      to: 1_795_305_949_166,
    });
  });

  it('asks for the metrics of its operation by a quoted name, marked at its time', () => {
    const { q, mark, trace, ex } = metricsOfRequest(request, AT + 60_000);
    expect(q[0]).toBe(
      'sum(rate(traces_span_metrics_calls_total{service_name="gateway", span_name="GET /a\\"b\\\\c"}[5m]))',
    );
    expect(q[1]).toContain('status_code="STATUS_CODE_ERROR"');
    expect({ mark, trace, ex }).toEqual({ mark: Math.round(AT), trace: request.traceId, ex: true });
  });

  it('looks at the range of now for what has just been, and at a fixed one around what was', () => {
    const { range, from, to } = metricsOfRequest(request, AT + 599_000);
    expect({ range, from, to }).toEqual({ range: undefined, from: undefined, to: undefined });
    const { from: before, to: after } = metricsOfLine(request, AT + 600_001);
    expect([before, after]).toEqual([1_795_305_289_123, 1_795_306_489_124]);
  });
});

describe('from a point of a curve to the traces behind it', () => {
  it.each([
    ['A rate(http_requests_total{job="order-job", service="order"})', 'order'],
    ['B {service_name="a \\"b\\" \\\\c"}', 'a "b" \\c'],
    ['{client="gateway", server="catalog"}', 'catalog'],
    ['up{job="node", service=""}', 'node'],
    ['{le="0.5"}', null],
    ['total', null],
  ])('%s names %s', (series, service) => {
    expect(serviceOfSeries(series)).toBe(service);
  });

  it('looks at the step of the curve, half a minute at least', () => {
    expect(aroundPoint({ at: 1_000_000, step: 5000 })).toEqual({
      range: undefined,
      from: 970_000,
      to: 1_030_000,
    });
    expect(aroundPoint({ at: 1_000_000, step: 300_000 }).from).toBe(700_000);
  });
});
