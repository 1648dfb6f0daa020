import { describe, expect, it } from 'vitest';
import { slosSection } from './config.ts';

const BAD = 'sum(rate(requests_total{status=~"5.."}[$window]))';
const TOTAL = 'sum(rate(requests_total[$window]))';
const RATIO = { bad: BAD, total: TOTAL };
const ONE = { name: 'order', objective: 99.9, ratio: RATIO };
const problems = (written: unknown): readonly string[] => {
  const read = slosSection.schema.safeParse(written);
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('objectives of the configuration', () => {
  it('have defaults', () => {
    expect(slosSection.schema.parse([ONE])).toEqual([
      {
        name: 'order',
        service: '',
        description: '',
        objective: 0.999,
        window: '30d',
        labels: {},
        indicator: { kind: 'ratio', of: 'bad', part: BAD, total: TOTAL },
        alerts: { enabled: true, leastBad: 0 },
      },
    ]);
    expect(slosSection.schema.parse(null)).toEqual([]);
  });

  it('may be of latency, with a threshold in time or in the unit of the histogram', () => {
    const latency = (threshold: unknown) => ({
      name: 'fast',
      objective: 95,
      window: '7d',
      latency: { histogram: 'http_request_duration_seconds', matchers: 'service="order"', threshold },
    });
    for (const threshold of ['300ms', 0.3])
      expect(slosSection.schema.parse([latency(threshold)])[0]?.indicator).toEqual({
        kind: 'latency',
        histogram: 'http_request_duration_seconds',
        matchers: 'service="order"',
        threshold: 0.3,
        isNative: false,
      });
  });

  it("take Sloth's word for the window", () => {
    const sloth = (query: string): string => query.replace('$window', '{{.window}}');
    expect(problems([{ ...ONE, ratio: { bad: sloth(BAD), total: sloth(TOTAL) } }])).toEqual([]);
  });

  it.each([
    [{ ...ONE, objective: 100 }, '0.objective: expected less than 100 %'],
    [{ ...ONE, objective: 0 }, '0.objective: '],
    [{ ...ONE, objective: 99.99999999 }, '0.objective: expected at most 99.9999999 %'],
    [{ ...ONE, window: '31d' }, '0.window: '],
    [{ ...ONE, name: 'a b' }, '0.name: expected letters'],
    [{ ...ONE, ratio: undefined }, '0: expected one of "ratio" and "latency"'],
    [{ ...ONE, ratio: { total: TOTAL } }, '0.ratio: expected one of "good" and "bad"'],
    [{ ...ONE, ratio: { ...RATIO, good: TOTAL } }, '0.ratio: expected one of "good" and "bad"'],
    [{ ...ONE, ratio: { ...RATIO, bad: 'up' } }, '0.ratio.bad: expected $window'],
    [{ ...ONE, ratio: { ...RATIO, total: 'rate(x[$window])) +' } }, '0.ratio.total: not PromQL: '],
    [{ ...ONE, ratio: { ...RATIO, total: 'scalar(rate(x[$window]))' } }, '0.ratio.total: not PromQL: '],
    [{ ...ONE, labels: { severity: 'a' } }, '0.labels.severity: '],
    [
      { name: 'a', objective: 99, latency: { histogram: 'a b', threshold: 1 } },
      '0.latency.histogram: expected the name',
    ],
    [
      { name: 'a', objective: 99, latency: { histogram: 'a', threshold: 'soon' } },
      '0.latency.threshold: "soon" is not a duration',
    ],
    [
      { name: 'a', objective: 99, latency: { histogram: 'a', matchers: 'b=', threshold: 1 } },
      '0.latency.matchers: ',
    ],
    [{ ...ONE, alerts: { least_bad: -1 } }, '0.alerts.least_bad: '],
    [{ ...ONE, objectiv: 5 }, '0: '],
  ])('are refused with the place of what is wrong: %j', (written, problem) => {
    const [first, ...others] = problems([written]);
    expect(first).toContain(problem);
    expect(others).toEqual([]);
  });

  it('have names of their own', () => {
    expect(problems([ONE, ONE])).toEqual(['1.name: "order" is used twice; give each its own name']);
  });
});
