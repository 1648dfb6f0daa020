import { describe, expect, it } from 'vitest';
import type { Slo } from './contracts.ts';
import {
  badSoFar,
  budgetLeft,
  coverage,
  forecast,
  nothingDrawn,
  percent,
  times,
  usualRange,
  verdictOf,
  windowOfSeries,
  worstFirst,
} from './words.ts';

const slo = (over: Partial<Slo>): Slo => ({
  name: 'order',
  service: '',
  description: '',
  objective: 0.999,
  window: '30d',
  window_seconds: 2_592_000,
  indicator: '',
  status: 'healthy',
  reason: '',
  tolerated: false,
  error_ratio: 0.0005,
  budget: 0.001,
  budget_remaining: 0.5,
  covered: 1,
  rate: 1,
  burn: { '5m': 1, '30m': 1, '1h': 1, '2h': 1, '6h': 1, '1d': 1, '3d': 1 },
  exhausted_in_seconds: null,
  ...over,
});

describe('words of objectives', () => {
  it('tell shares as they were meant', () => {
    expect([percent(0.9995), percent(0.999), percent(null), percent(-0.125, 1)]).toEqual([
      '99.95 %',
      '99.9 %',
      '–',
      '-12.5 %',
    ]);
    expect([times(14.4), times(0), times(null)]).toEqual(['14.4×', '0×', '–']);
  });

  it.each([
    ['', { budget_remaining: -0.1 }],
    ['lasts at this pace', {}],
    ['gone in 1\u202fd at this pace', { exhausted_in_seconds: 86_400 }],
    ['', { budget_remaining: null }],
  ])('say of a budget: %s', (said, over) => {
    expect(forecast(slo(over))).toBe(said);
  });

  it.each([
    ['not known', null],
    ['100 % left', 1],
    ['12.5 % left', 0.125],
    ['0.04 % left', 0.000_4],
    ['< 0.01 % left', 0.000_01],
    ['used up', 0],
    ['used up', -0.000_01],
    ['overspent by 12.5 %', -0.125],
    ['overspent by 100 %', -0.999_7],
    ['used 2 times over', -1],
    ['used 2.5 times over', -1.5],
    ['used 113 times over', -111.918],
    ['used 1,000 times over', -999],
  ])('say of what is left of a budget: %s', (said, remaining) => {
    expect(budgetLeft(remaining)).toBe(said);
  });

  it('say what is not known', () => {
    expect(coverage(slo({ covered: 0.1 }))).toBe('known of 10 % of 30d');
    expect(coverage(slo({ covered: 0.0002 }))).toBe('known of < 0.1 % of 30d');
    expect(coverage(slo({}))).toBe('');
  });

  it.each([
    ['6h', { covered: 0.0002 }],
    ['1d', { covered: 0.02 }],
    ['7d', { covered: 0.2 }],
    ['30d', { covered: 0.5 }],
    ['30d', { covered: null }],
    // What was known may be long ago.
    ['30d', { covered: 0.0002, rate: null }],
  ])('begin with as much as anything is known of: %s', (range, over) => {
    expect(usualRange(slo(over), ['6h', '1d', '7d', '30d'])).toBe(range);
  });

  it.each([
    ['0.05 % were', {}],
    ['nothing is known yet', { error_ratio: null, rate: null }],
    ['there were no events', { error_ratio: null, rate: 0 }],
    ['they are being counted', { error_ratio: null }],
  ])('say of what was bad: %s', (said, over) => {
    expect(badSoFar(slo(over))).toBe(said);
  });

  it('say why nothing is drawn, and not that nothing happened where figures are known', () => {
    expect(nothingDrawn(slo({}))).toBe('Nothing to draw: choose a shorter time');
    expect(nothingDrawn({ error_ratio: null, rate: 2 })).toBe('Nothing to draw: choose a shorter time');
    expect(nothingDrawn({ error_ratio: null, rate: 0 })).toBe('No events in this time range');
    expect(nothingDrawn({ error_ratio: null, rate: null })).toBe('Nothing is known in this time range');
  });

  it.each([
    ['one objective, nothing to do', ['healthy']],
    ['one objective, state unknown', ['unknown']],
    ['2 objectives, nothing to do; 1 unknown', ['healthy', 'unknown']],
    ['1 of 2 objectives needs somebody', ['unhealthy', 'unknown']],
    ['2 of 2 objectives need somebody', ['unhealthy', 'degraded']],
  ] as const)('say of all: %s', (said, statuses) => {
    expect(verdictOf(statuses.map((status) => slo({ status })))).toBe(said);
  });

  it('put first what needs somebody', () => {
    const all = [
      slo({ name: 'well' }),
      slo({ name: 'new', status: 'unknown', budget_remaining: null }),
      slo({ name: 'low', budget_remaining: 0.1 }),
      slo({ name: 'gone', status: 'unhealthy', budget_remaining: -1 }),
    ];
    expect(worstFirst(all).map(({ name }) => name)).toEqual(['gone', 'new', 'low', 'well']);
  });

  it('know the window of a series', () => {
    expect(windowOfSeries('{slo="order", window="6h"}')).toBe('6h');
  });
});
