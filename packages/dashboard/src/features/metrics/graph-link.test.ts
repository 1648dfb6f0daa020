import { expect, it } from 'vitest';
import { explorerSearchOfGraph } from './graph-link.ts';

const END = Date.UTC(2026, 0, 2, 15, 4, 5);

it.each([
  ['g0.expr=rate%28errors%5B5m%5D%29+%3E+0.05&g0.tab=1', { q: ['rate(errors[5m]) > 0.05'], view: 'table' }],
  ['g0.expr=up&g0.tab=0&g0.range_input=2h', { q: ['up'], range: '2h' }],
  ['g0.expr=up&g1.expr=down&g0.tab=graph', { q: ['up', 'down'] }],
  [
    'g0.expr=up&g0.range_input=1h&g0.end_input=2026-01-02%2015%3A04%3A05',
    { q: ['up'], from: END - 3_600_000, to: END },
  ],
  ['g0.expr=1&g0.range_input=for+ever&g0.end_input=x', { q: ['1'] }],
  ['', {}],
])('%s', (link, search) => {
  expect(explorerSearchOfGraph(new URLSearchParams(link))).toEqual(search);
});
