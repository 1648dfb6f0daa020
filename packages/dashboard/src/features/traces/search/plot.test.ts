import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  durationTicks,
  failedOf,
  nearest,
  partsOf,
  scalesOf,
  slowestOf,
  thinned,
  valueAt,
  xOf,
  yOf,
} from './plot.ts';

const SIZE = { width: 800, height: 160 };
const plotOf = (rows: readonly (readonly [at: number, duration: number, failed?: number])[]) => ({
  total: rows.length,
  every: 1,
  warnings: [],
  services: ['shop'],
  operations: ['buy'],
  points: {
    trace_id: rows.map((_, index) => `t${index}`),
    start_ms: rows.map(([at]) => at),
    duration_ns: rows.map(([, duration]) => duration),
    failed: rows.map(([, , failed = 0]) => failed),
    service: rows.map(() => 0),
    operation: rows.map(() => 0),
  },
});

describe('the plot of durations', () => {
  it('stands on whole powers of ten, also for one point, none, or one without a duration', () => {
    const ticks = (rows: Parameters<typeof plotOf>[0]) => durationTicks(scalesOf(plotOf(rows), 0, 10));
    expect(
      ticks([
        [1, 3e6],
        [2, 4e7],
      ]),
    ).toEqual([1e6, 1e7, 1e8]);
    expect(ticks([[1, 1e6]])).toEqual([1e6, 1e7]);
    expect(ticks([])).toEqual([1e3, 1e4]);
    expect(ticks([[1, 0]])).toEqual([1e3, 1e4]);
  });

  it('finds back what lies at a place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1e6, max: 1e9 }), (at, duration) => {
        const scales = scalesOf(
          plotOf([
            [0, 1e6],
            [1000, 1e9],
          ]),
          0,
          1000,
        );
        const there = valueAt(scales, SIZE, xOf(scales, SIZE, at), yOf(scales, SIZE, duration));
        expect(there.at).toBeCloseTo(at, 6);
        expect(there.duration / duration).toBeCloseTo(1, 6);
      }),
    );
  });

  it('knows the nearest point, and none where there is none', () => {
    const plot = plotOf([
      [100, 1e6],
      [110, 1e6],
      [900, 1e8],
    ]);
    const scales = scalesOf(plot, 0, 1000);
    const at = (time: number, duration: number) =>
      nearest(plot, scales, SIZE, { x: xOf(scales, SIZE, time), y: yOf(scales, SIZE, duration) });
    expect([at(107, 1e6), at(101, 1e6), at(895, 1e8), at(500, 1e7)]).toEqual([1, 0, 2, -1]);
  });

  it('parts its traces by selection, failure and duration', () => {
    const plot = plotOf(
      Array.from({ length: 40 }, (_, index) => [index, (index + 1) * 1e6, index % 10 === 0 ? 1 : 0] as const),
    );
    expect(partsOf(plot, [0, 5, 2e6, 4e6]).selected).toEqual(['t1', 't2', 't3']);
    expect(partsOf(plot, [0, 5, 2e6, 4e6]).others).toHaveLength(37);
    expect(failedOf(plot).selected).toEqual(['t0', 't10', 't20', 't30']);
    expect(slowestOf(plot).selected).toEqual(['t39', 't38']);
    expect(thinned(failedOf(plot).others, 3)).toHaveLength(3);
    expect(thinned(['a', 'b'], 3)).toEqual(['a', 'b']);
  });
});
