import { describe, expect, it } from 'vitest';
import { burnAlerts } from './burn-alerts.ts';
import type { SloWindow } from './definition.ts';

const of = (objective: number, window: SloWindow): readonly string[] =>
  burnAlerts({ objective, window }).map(
    ({ severity, long, short, factor, limit, isPossible }) =>
      `${severity} ${long} ${short} ${factor} ${isPossible ? limit : 'never'}`,
  );

describe('burn rates that alert', () => {
  it('are the numbers of the workbook for 30 days', () => {
    expect(of(0.999, '30d')).toEqual([
      'critical 1h 5m 14.4 0.0144',
      'critical 6h 30m 6 0.006',
      'warning 1d 2h 3 0.003',
      'warning 3d 6h 1 0.001',
    ]);
  });

  it('take the same share of the budget of other windows, and never less than what can last', () => {
    expect(of(0.99, '7d')).toEqual([
      'critical 1h 5m 3.36 0.0336',
      'critical 6h 30m 1.4 0.014',
      'warning 1d 2h 1 0.01',
      'warning 3d 6h 1 0.01',
    ]);
    expect(of(0.99, '28d')[0]).toBe('critical 1h 5m 13.44 0.1344');
  });

  it('are impossible where more than everything would have to fail', () => {
    expect(of(0.9, '30d').slice(0, 2)).toEqual(['critical 1h 5m 14.4 never', 'critical 6h 30m 6 0.6']);
  });
});
