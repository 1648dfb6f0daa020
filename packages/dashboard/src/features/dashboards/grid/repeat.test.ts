import { describe, expect, it } from 'vitest';
import { newPanel, type Panel } from '../model.ts';
import type { Chosen } from '../vars/interpolate.ts';
import { unfold } from './repeat.ts';

const many = (...values: string[]): Chosen => ({ values, text: values.join(' + '), multi: true });
const panel = (
  id: number,
  type: Panel['type'],
  [x, y, w, h]: [number, number, number, number],
  more: Partial<Panel> = {},
): Panel => ({
  ...newPanel(id, type, y),
  grid: { x, y, w, h },
  ...more,
});
const repeat = { variable: 'v', direction: 'horizontal', perRow: 2 } as const;
const told = (panels: readonly Panel[], ...values: string[]) =>
  unfold(panels, new Map([['v', many(...values)]])).map(({ key, panel: { grid } }) => [
    key,
    grid.x,
    grid.y,
    grid.w,
  ]);

describe('repeats', () => {
  it('put copies side by side and move what follows down', () => {
    expect(
      told([panel(1, 'stat', [0, 0, 24, 4], { repeat }), panel(2, 'stat', [0, 4, 24, 4])], 'a', 'b', 'c'),
    ).toEqual([
      ['1/a', 0, 0, 12],
      ['1/b', 12, 0, 12],
      ['1/c', 0, 4, 12],
      ['2', 0, 8, 24],
    ]);
  });

  it('copy a row with everything below it', () => {
    const row = panel(1, 'row', [0, 0, 24, 1], { repeat });
    const shown = unfold(
      [row, panel(2, 'stat', [0, 1, 6, 4]), panel(3, 'row', [0, 5, 24, 1])],
      new Map([['v', many('a', 'b')]]),
    );
    expect(shown.map(({ key, panel: { grid } }) => [key, grid.y])).toEqual([
      ['1@a', 0],
      ['2@a', 1],
      ['1@b', 5],
      ['2@b', 6],
      ['3', 10],
    ]);
    expect(shown[3]?.values.get('v')?.text).toBe('b');
  });

  it('stay one without a value', () => {
    expect(told([panel(1, 'stat', [0, 0, 6, 4], { repeat })])).toEqual([['1', 0, 0, 6]]);
  });
});
