import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLUMNS, compact, fold, type Place, type Placed, place } from './layout.ts';

const at = (id: number, x: number, y: number, w: number, h: number): Placed => ({ id, grid: { x, y, w, h } });
const places = (panels: readonly Placed[]): Record<number, Place> =>
  Object.fromEntries(panels.map(({ id, grid }) => [id, grid]));
const overlap = (panels: readonly Placed[]): boolean =>
  panels.some((a, i) =>
    panels.some(
      (b, j) =>
        i < j &&
        a.grid.x < b.grid.x + b.grid.w &&
        b.grid.x < a.grid.x + a.grid.w &&
        a.grid.y < b.grid.y + b.grid.h &&
        b.grid.y < a.grid.y + a.grid.h,
    ),
  );

describe('the grid', () => {
  it('closes gaps upwards', () => {
    expect(places(compact([at(1, 0, 0, 12, 4), at(2, 0, 9, 12, 4), at(3, 12, 7, 12, 4)]))).toMatchObject({
      2: { y: 4 },
      3: { y: 0 },
    });
  });

  it('makes room for what is moved', () => {
    const moved = places(
      place([at(1, 0, 0, 12, 4), at(2, 0, 4, 12, 4), at(3, 12, 0, 12, 8)], 2, { x: 0, y: 0, w: 12, h: 4 }),
    );
    expect([moved[2]?.y, moved[1]?.y, moved[3]?.y]).toEqual([0, 4, 0]);
    expect(
      places(place([at(1, 0, 0, 12, 4), at(2, 12, 0, 12, 4)], 1, { x: 0, y: 0, w: 24, h: 4 })),
    ).toMatchObject({ 1: { w: 24, y: 0 }, 2: { y: 4 } });
  });

  it('hides what is below a folded row', () => {
    const row = (id: number, y: number, collapsed: boolean) => ({
      ...at(id, 0, y, 24, 1),
      isRow: true,
      collapsed,
    });
    const panel = (id: number, y: number) => ({ ...at(id, 0, y, 12, 8), isRow: false, collapsed: false });
    const shown = fold([row(1, 0, true), panel(2, 1), row(3, 9, false), panel(4, 10)]);
    expect(shown.map(({ id, grid }) => [id, grid.y])).toEqual([
      [1, 0],
      [3, 1],
      [4, 2],
    ]);
  });

  it('never overlaps, never leaves the grid, loses nobody', () => {
    const panels = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 12 }),
      ),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(
        panels,
        fc.nat(11),
        fc.integer({ min: -5, max: 30 }),
        fc.integer({ min: -5, max: 40 }),
        (list, which, x, y) => {
          const given = list.map(([px, py, w, h], id) => at(id, px, py, w, h));
          const settled = place(given, which % given.length, { x, y, w: 6, h: 4 });
          expect(overlap(settled)).toBe(false);
          expect(settled.every(({ grid }) => grid.x >= 0 && grid.y >= 0 && grid.x + grid.w <= COLUMNS)).toBe(
            true,
          );
          expect(settled.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(given.map(({ id }) => id));
        },
      ),
    );
  });
});
