import { describe, expect, it } from 'vitest';
import { builtIns, leastStep, seconds, stepFor, written } from './steps.ts';

describe('steps', () => {
  it('reads and writes durations', () => {
    expect([seconds('15s'), seconds('1m30s'), seconds('>500ms'), seconds('soon'), seconds('')]).toEqual([
      15,
      90,
      0.5,
      null,
      null,
    ]);
    expect([written(90), written(0.25)]).toEqual(['90s', '250ms']);
  });

  it('are human, fine enough, and never finer than asked', () => {
    expect([stepFor(3600, 300, 0), stepFor(3600, 300, 30), stepFor(86_400 * 30, 300, 0)]).toEqual([
      15, 30, 10_800,
    ]);
    expect(
      leastStep(['', '$res', '10s'], new Map([['res', { values: ['1m'], text: '1m', multi: false }]])),
    ).toBe(60);
  });

  it('span four scrapes for rates', () => {
    const known = new Map(builtIns(15, 0, 3_600_000));
    expect(
      ['__interval', '__rate_interval', '__range', '__range_ms'].map((name) => known.get(name)?.text),
    ).toEqual(['15s', '60s', '3600s', '3600000']);
    expect(new Map(builtIns(300, 0, 1)).get('__rate_interval')?.text).toBe('315s');
  });
});
