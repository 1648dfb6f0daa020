import { describe, expect, it } from 'vitest';
import type { CountedWindow } from './burn-alerts.ts';
import type { Slo } from './definition.ts';
import { countedWindows, NO_FIGURES, type SloFigures, standingOf } from './status.ts';

const HOUR = 3_600_000;
const SLO: Slo = {
  name: 'order',
  service: '',
  description: '',
  objective: 0.99,
  window: '30d',
  labels: {},
  indicator: { kind: 'ratio', of: 'bad', part: '', total: '' },
  alerts: { enabled: true, leastBad: 0 },
};
const figures = (
  ratios: Partial<SloFigures['ratios']>,
  budgetRemaining: number | null = 0.5,
): SloFigures => ({
  ...NO_FIGURES,
  budgetRemaining,
  rate: 1,
  ratios: { ...NO_FIGURES.ratios, ...ratios },
});
const verdict = (of: SloFigures): string => {
  const { status, reason } = standingOf(SLO, of);
  return `${status}: ${reason}`;
};

describe('how an objective stands', () => {
  it.each([
    ['unknown: nothing is known of it yet', NO_FIGURES],
    ['unknown: there were no events yet', { ...NO_FIGURES, rate: 0 }],
    ['healthy: within its budget', figures({ '1h': 0.2, '5m': 0 })],
    ['unhealthy: burns more than 14.4 times too fast over 1h', figures({ '1h': 0.2, '5m': 0.15 })],
    ['unhealthy: burns more than 6 times too fast over 6h', figures({ '6h': 0.07, '30m': 0.07 })],
    ['degraded: burns faster than it can last over 3d', figures({ '3d': 0.02, '6h': 0.02 })],
    ['unhealthy: its budget is used up', figures({ '1h': 0 }, -0.2)],
    ['healthy: within its budget', figures({ '1h': 0 }, null)],
    ['unknown: nothing is heard of it any more', { ...figures({ '1h': 0 }), rate: null }],
  ])('%s', (said, of) => {
    expect(verdict(of)).toBe(said);
  });

  it.each<readonly [string, SloFigures, readonly (readonly [CountedWindow, number])[], boolean]>([
    [
      'unhealthy: burns more than 14.4 times too fast over 1h',
      figures({ '1h': 1, '5m': 1 }),
      [['1h', 20]],
      false,
    ],
    [
      'healthy: 19 bad events over 1h, fewer than the 20 that count',
      figures({ '1h': 1, '5m': 1 }),
      [['1h', 19.9]],
      true,
    ],
    [
      'degraded: burns faster than it can last over 3d',
      figures({ '1h': 1, '5m': 1, '3d': 0.5, '6h': 0.5, '30m': 0 }),
      [
        ['1h', 1],
        ['3d', 30],
      ],
      false,
    ],
    ['unhealthy: its budget is used up', figures({ '1h': 0 }, -0.2), [['30d', 20]], false],
    [
      'healthy: 1 bad event over 30d, fewer than the 20 that count',
      figures({ '1h': 0 }, -0.2),
      [['30d', 1]],
      true,
    ],
    ['healthy: 1 bad event over 30d, fewer than the 20 that count', figures({}, -1), [['30d', 0.3]], true],
    [
      'healthy: 7 bad events over 30d, fewer than the 20 that count',
      figures({}, -1),
      [['30d', 7.0000001]],
      true,
    ],
    ['healthy: 0 bad events over 30d, fewer than the 20 that count', figures({ '1h': 0 }, -0.2), [], true],
    [
      'unknown: nothing is heard of it any more',
      { ...figures({ '1h': 0 }, -0.2), rate: null },
      [['30d', 1]],
      false,
    ],
    ['healthy: within its budget', figures({ '1h': 0.2, '5m': 0 }), [], false],
  ])('with at least 20 bad events: %s', (said, of, counts, isTolerated) => {
    const slo: Slo = { ...SLO, alerts: { enabled: true, leastBad: 20 } };
    const standing = standingOf(slo, { ...of, badEvents: new Map(counts) });
    expect([`${standing.status}: ${standing.reason}`, standing.isTolerated]).toEqual([said, isTolerated]);
  });

  it('asks for bad events only where their number decides', () => {
    const burning = figures({ '1h': 1, '5m': 1, '3d': 0.5, '6h': 0.5 }, -1);
    expect(countedWindows(SLO, burning)).toEqual([]);
    const slo: Slo = { ...SLO, alerts: { enabled: true, leastBad: 20 } };
    expect(countedWindows(slo, figures({ '1h': 0.1 }))).toEqual([]);
    expect(countedWindows(slo, burning)).toEqual(['1h', '3d', '30d']);
  });

  it('burns as many times too fast as there are too many bad events', () => {
    expect(standingOf(SLO, figures({ '1h': 0.02, '5m': 0 })).burn).toMatchObject({
      '1h': 2,
      '5m': 0,
      '6h': null,
    });
  });

  it('is gone when the budget is, at the pace of the last hours', () => {
    expect(standingOf(SLO, figures({ '6h': 0.1 })).exhaustedInMs).toBe(36 * HOUR);
    expect(standingOf(SLO, figures({ '6h': 0.01 })).exhaustedInMs).toBeNull();
    expect(standingOf(SLO, figures({ '6h': 0.1 }, -1)).exhaustedInMs).toBeNull();
    expect(standingOf(SLO, NO_FIGURES).exhaustedInMs).toBeNull();
  });
});
