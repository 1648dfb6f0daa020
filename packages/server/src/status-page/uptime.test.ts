import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, DAYS, daysOf, percent, type Stretch, uptimeOf } from './uptime.ts';

const TODAY = 20_000;
const day = (n: number): number => (TODAY - DAYS + 1 + n) * DAY_MS;

describe('daysOf', () => {
  it.each<[string, Stretch[], (number | null)[]]>([
    ['nothing known', [], [null, null]],
    [
      'half a day down over midnight',
      [
        { from: day(0), to: day(0.75), status: 'healthy' },
        { from: day(0.75), to: day(1.25), status: 'unhealthy' },
        { from: day(1.25), to: day(2), status: 'degraded' },
      ],
      [0.75, 0.75],
    ],
    ['only known time counts', [{ from: day(1.9), to: day(2), status: 'unhealthy' }], [null, 0]],
    ['what is older is left out', [{ from: day(-5), to: day(1), status: 'unhealthy' }], [0, null]],
    ['what is not known counts neither way', [{ from: day(0), to: day(1), status: 'unknown' }], [null, null]],
  ])('%s', (_, stretches, first) => expect(daysOf(stretches, TODAY).slice(0, 2)).toEqual(first));

  it('gives a share or nothing for each of the days, whatever comes', () => {
    const stretch = fc.record({
      from: fc.integer({ min: day(-10), max: day(DAYS + 10) }),
      to: fc.integer({ min: day(-10), max: day(DAYS + 10) }),
      status: fc.constantFrom(
        'healthy' as const,
        'degraded' as const,
        'unhealthy' as const,
        'unknown' as const,
      ),
    });
    fc.assert(
      fc.property(fc.array(stretch), (stretches) => {
        const days = daysOf(stretches, TODAY);
        expect(days.length).toBe(DAYS);
        for (const value of days) expect(value === null || (value >= 0 && value <= 1)).toBe(true);
      }),
    );
  });
});

it('an uptime is rounded down, and null where nothing is known', () => {
  expect([uptimeOf([null]), uptimeOf([1, 0, null], 2), uptimeOf([0.5, 1])]).toEqual([null, 0, 0.75]);
  expect([1, 0.99999, 0.9999, 0.5, 0].map(percent)).toEqual(['100 %', '99.99 %', '99.99 %', '50 %', '0 %']);
});
