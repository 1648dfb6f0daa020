import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colorSlots } from './colors.ts';
import { lastValue, selectSeries } from './select.ts';

const row = (name: string, last: number | null) => ({ name, values: [1, last] });

describe('which series a chart draws', () => {
  it('takes the eight largest by last value', () => {
    const rows = Array.from({ length: 143 }, (_, index) => row(`s${index}`, (index * 37) % 143));
    const { shown, matching } = selectSeries(rows, '');
    expect(matching).toBe(143);
    expect(shown.map((index) => lastValue(rows[index]!.values))).toEqual([
      142, 141, 140, 139, 138, 137, 136, 135,
    ]);
  });

  it('searches by part of the name, whatever its case', () => {
    const rows = [row('Order', 1), row('catalog', 2), row('reorder', 3)];
    expect(selectSeries(rows, ' order ')).toEqual({ shown: [2, 0], matching: 2 });
    expect(selectSeries(rows, 'nothing')).toEqual({ shown: [], matching: 0 });
  });

  it('puts series without any value last and skips trailing gaps', () => {
    expect(lastValue([3, null, Number.NaN])).toBe(3);
    expect(lastValue([null])).toBeNull();
    expect(selectSeries([{ name: 'a', values: [null] }, row('b', -5)], '').shown).toEqual([1, 0]);
  });

  it('agrees with sorting everything', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (lasts) => {
        const rows = lasts.map((last, index) => row(`s${index}`, last));
        const expected = lasts.toSorted((a, b) => b - a).slice(0, 8);
        expect(selectSeries(rows, '').shown.map((index) => lasts[index])).toEqual(expected);
      }),
    );
  });
});

describe('colours of series', () => {
  it('differ within a chart of eight and stay with their name', () => {
    const names = ['auth', 'order', 'catalog', 'user', 'gateway', 'a', 'b', 'c'];
    const slots = colorSlots(names);
    expect(new Set(slots).size).toBe(8);
    expect(colorSlots(names.toReversed()).toReversed()).toEqual(slots);
    expect(colorSlots(['order'])).toEqual([slots[1]]);
  });

  it('give percentiles their own', () => {
    expect(colorSlots(['p50', 'p95', 'p99'])).toEqual([0, 1, 7]);
  });
});
