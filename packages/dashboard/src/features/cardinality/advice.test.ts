import { describe, expect, it } from 'vitest';
import { adviceOf } from './advice.ts';
import type { Report } from './contracts.ts';

function report(part: Partial<Report>, series = 50_000): Report {
  return {
    at: 0,
    tenant: 'default',
    seriesLimit: 100_000,
    totals: { series, fresh: 0, ended: 0, metrics: 10, labels: 5, pairs: 100 },
    metrics: [],
    churning: [],
    labels: [],
    pairs: [],
    targets: [],
    tenants: [],
    arrivals: [],
    ...part,
  };
}
const label = (name: string, values: number, longest = 10) => ({
  name,
  values,
  series: values,
  characters: 0,
  longest,
});

describe('advice', () => {
  it('is none where all is well, and none about labels that are meant to have many values', () => {
    expect(
      adviceOf(report({ labels: [label('instance', 9000), label('le', 4000), label('code', 7)] })),
    ).toEqual([]);
  });

  it('is none about what is too small to matter', () => {
    expect(adviceOf(report({ labels: [label('user_id', 200)] }, 300))).toEqual([]);
  });

  it('drops labels that look like ids, with the rule', () => {
    const [first] = adviceOf(report({ labels: [label('user_id', 4000)] }));
    expect(first).toMatchObject({ title: 'Drop the label user_id', selector: '{user_id!=""}' });
    expect(first?.rule).toBe('metric_relabel_configs:\n  - action: labeldrop\n    regex: user_id');
  });

  it('quotes and escapes names that are no identifiers', () => {
    const [first] = adviceOf(report({ labels: [label('http.request.id', 9000)] }));
    expect(first?.rule).toContain(String.raw`regex: http\.request\.id`);
    expect(first?.selector).toBe('{"http.request.id"!=""}');
  });

  it('names long values, the largest metric and the one that churns', () => {
    const titles = adviceOf(
      report({
        labels: [label('stack', 5, 200_000)],
        metrics: [{ name: 'big', series: 30_000, fresh: 0, ended: 0 }],
        churning: [{ name: 'restless', series: 4000, fresh: 3900, ended: 0 }],
      }),
    ).map(({ title }) => title);
    expect(titles).toEqual(['Shorten the label stack', 'Drop or thin out big', 'Drop or thin out restless']);
  });
});
