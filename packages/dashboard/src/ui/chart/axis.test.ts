import type uPlot from 'uplot';
import { describe, expect, it } from 'vitest';
import { fittingSize, lonePoints, roundSteps } from './axis.ts';

describe('value axes', () => {
  it('step by powers of two under binary units and by clock parts under seconds', () => {
    expect(roundSteps('binary').incrs).toContain(512 * 1024 ** 2);
    expect(roundSteps('seconds').incrs).toEqual(expect.arrayContaining([0.05, 15, 300, 3600]));
    expect(roundSteps('decimal')).toEqual({});
  });

  it('are as wide as their longest label, and only grow within one layout', () => {
    const size = fittingSize('11px x', 6);
    const plot = {
      ctx: {
        font: '',
        save: () => undefined,
        restore: () => undefined,
        measureText: (text: string) => ({ width: text.length * 7 }),
      },
    };
    const width = (labels: readonly string[], cycle: number): number => size(plot, labels, 1, cycle);
    expect(width(['1'], 1)).toBe(32);
    expect(width(['1', '12.5 req/s'], 1)).toBe(80);
    expect(width(['1'], 2)).toBe(80);
    expect(width(['1'], 1)).toBe(32);
  });
});

describe('lone points', () => {
  it('are those that no line reaches', () => {
    const data: uPlot.AlignedData = [
      [0, 1, 2, 3, 4, 5],
      [1, null, 2, 3, null, 4],
    ];
    expect(lonePoints({ data }, 1, false)).toEqual([0, 5]);
    expect(lonePoints({ data }, 1, true)).toBeNull();
    expect(
      lonePoints(
        {
          data: [
            [0, 1],
            [1, 2],
          ],
        },
        1,
        false,
      ),
    ).toBeNull();
  });
});
