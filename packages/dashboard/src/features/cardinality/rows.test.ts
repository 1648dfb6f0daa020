import { describe, expect, it } from 'vitest';
import type { Report } from './contracts.ts';
import { rowsOf, validateCardinalitySearch } from './rows.ts';

const report: Report = {
  at: 0,
  tenant: 'default',
  seriesLimit: 10,
  totals: { series: 3, fresh: 1, ended: 0, metrics: 1, labels: 2, pairs: 2 },
  metrics: [{ name: 'up', series: 3, fresh: 1, ended: 0 }],
  churning: [],
  labels: [{ name: 'http.route', values: 2, series: 2, characters: 9, longest: 5 }],
  pairs: [
    { name: 'job', value: 'a"b', series: 3 },
    { name: 'stack', value: `${'x'.repeat(300)}… (9000 characters)`, series: 1 },
  ],
  targets: [
    { job: 'a', instance: 'x', series: 2, fresh: 0, ended: 0 },
    { job: '', instance: '', series: 1, fresh: 0, ended: 0 },
  ],
  tenants: [{ tenant: 'default', series: 3 }],
  arrivals: [],
};

describe('the lists', () => {
  it('lead to a query that finds what they count, with every text quoted', () => {
    expect(rowsOf(report, 'metrics', '')[0]?.query).toBe('count by (job, instance) ({__name__="up"})');
    expect(rowsOf(report, 'labels', '')[0]?.query).toBe(
      'topk(50, count by ("http.route") ({"http.route"!=""}))',
    );
    expect(rowsOf(report, 'pairs', 'job')[0]?.query).toBe(String.raw`count by (__name__) ({job="a\"b"})`);
  });

  it('do not ask for what was cut or is not there', () => {
    expect(rowsOf(report, 'pairs', 'stack')[0]?.query).toBe('count by (__name__) ({stack!=""})');
    expect(rowsOf(report, 'targets', 'no job')[0]?.query).toBeNull();
    expect(rowsOf(report, 'tenants', '')[0]?.query).toBeNull();
  });

  it('hold only what matches the words', () => {
    expect(rowsOf(report, 'targets', 'A ·')).toHaveLength(1);
    expect(rowsOf(report, 'churn', '')).toEqual([]);
  });
});

it('drops search parameters that are not valid', () => {
  expect(validateCardinalitySearch({ tab: 'labels', q: 'x' })).toEqual({ tab: 'labels', q: 'x' });
  expect(validateCardinalitySearch({ tab: 'other', q: 5 })).toEqual({});
});
