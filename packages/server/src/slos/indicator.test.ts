import { parseExpr } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import type { Indicator } from './definition.ts';
import { eventRates, indicatorText } from './indicator.ts';

const latency = (over: Partial<Extract<Indicator, { readonly kind: 'latency' }>>): Indicator => ({
  kind: 'latency',
  histogram: 'h',
  matchers: '',
  threshold: 0.3,
  isNative: false,
  ...over,
});
const bad = (indicator: Indicator): string => {
  const rates = eventRates(indicator, '5m');
  parseExpr(rates.bad);
  parseExpr(rates.total);
  return rates.bad;
};

describe('rates of events', () => {
  it('are those of a ratio, in which what is not there did not happen', () => {
    const ratio = { kind: 'ratio', part: 'rate(a[$window])', total: 'rate(b[$window])' } as const;
    expect(bad({ ...ratio, of: 'bad' })).toBe('(sum(rate(a[5m])) or sum(rate(b[5m])) * 0)');
    expect(bad({ ...ratio, of: 'good' })).toBe(
      'clamp_min(sum(rate(b[5m])) - (sum(rate(a[5m])) or sum(rate(b[5m])) * 0), 0)',
    );
  });

  it('are closed behind a comment', () => {
    const [part, total] = ['rate(a[$window]) # 5xx', 'rate(b[$window]) # all'];
    expect(bad({ kind: 'ratio', of: 'bad', part, total })).toContain('# 5xx\n)');
  });

  it('are those above a bucket, however clients write it', () => {
    expect(bad(latency({}))).toBe(
      'clamp_min(sum(rate(h_count{}[5m])) - sum(rate(h_bucket{le=~"0\\\\.30*"}[5m])), 0)',
    );
    expect(bad(latency({ threshold: 1, matchers: 'job="a"' }))).toContain(
      'h_bucket{job="a",le=~"1|1\\\\.0"}',
    );
    expect(bad(latency({ threshold: 1, isNative: true }))).toBe(
      'clamp_min((1 - histogram_fraction(-Inf, 1, sum(rate(h{}[5m])))) * histogram_count(sum(rate(h{}[5m]))), 0)',
    );
  });

  it('are told to people as they are written', () => {
    expect(indicatorText(latency({ matchers: 'job="a"' }))).toBe('h{job="a"} up to 0.3');
  });
});
