import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callKey, type Layout, labelPlaces, layoutOf, pathOf } from './layout.ts';
import { allCrossings, ordered } from './order.ts';
import { spread } from './places.ts';

const SIZES = { width: 100, height: 40, gapX: 60, gapY: 10 };
const SHOP = {
  names: ['gateway', 'order', 'catalog', 'db/order'],
  calls: [
    { source: 'gateway', target: 'order' },
    { source: 'order', target: 'catalog' },
    { source: 'gateway', target: 'catalog' },
    { source: 'order', target: 'db/order' },
  ],
};

const graph = fc.integer({ min: 1, max: 24 }).chain((count) => {
  const name = fc.integer({ min: 0, max: count - 1 }).map((n) => `s${n}`);
  return fc.record({
    names: fc.constant(Array.from({ length: count }, (_, n) => `s${n}`)),
    calls: fc.array(fc.record({ source: name, target: name }), { maxLength: 60 }),
  });
});

/** No box lies upon another, all within the map. */
function expectApart(layout: Layout): void {
  const boxes = [...layout.boxes.values()];
  for (const [index, a] of boxes.entries()) {
    expect(a.y).toBeGreaterThanOrEqual(-1e-6);
    expect(a.y + a.height).toBeLessThanOrEqual(layout.height + 1e-6);
    expect(a.x + a.width).toBeLessThanOrEqual(layout.width + 1e-6);
    for (const b of boxes.slice(index + 1))
      expect(a.x !== b.x || Math.abs(a.y - b.y) >= SIZES.height - 1e-6).toBe(true);
  }
}

describe('the layout of a map', () => {
  it('has callers left of those they call, and a long call around what it passes', () => {
    const { boxes, routes } = layoutOf(SHOP.names, SHOP.calls, SIZES);
    const column = (name: string) => (boxes.get(name)?.x ?? -1) / (SIZES.width + SIZES.gapX);
    expect(SHOP.names.map(column)).toEqual([0, 1, 2, 2]);
    const passing = routes.get(callKey({ source: 'gateway', target: 'catalog' })) ?? [];
    expect(passing).toHaveLength(4);
    const order = boxes.get('order');
    const y = passing[1]?.[1] ?? 0;
    expect(y < (order?.y ?? 0) || y > (order?.y ?? 0) + SIZES.height).toBe(true);
  });

  it('is the same for the same graph in any order, whatever circles it has, and no box lies upon another', () => {
    fc.assert(
      fc.property(graph, fc.nat(), ({ names, calls }, seed) => {
        const layout = layoutOf(names, calls, SIZES);
        const turn = <T>(list: readonly T[]): T[] => [
          ...list.slice(seed % (list.length + 1)),
          ...list.slice(0, seed % (list.length + 1)),
        ];
        const again = layoutOf(turn(names), [...turn(calls), ...calls], SIZES);
        expect(again.boxes).toEqual(layout.boxes);
        expect(again.routes).toEqual(layout.routes);
        expectApart(layout);
        expect(layout.boxes.size).toBe(names.length);
        const between = calls.filter(({ source, target }) => source !== target);
        expect(new Set(layout.routes.keys())).toEqual(new Set(between.map(callKey)));
        for (const { source, target } of between) {
          const points = layout.routes.get(callKey({ source, target })) ?? [];
          const ends = [points[0]?.[0], points.at(-1)?.[0]];
          const [from, to] = [layout.boxes.get(source), layout.boxes.get(target)];
          const forward = (from?.x ?? 0) < (to?.x ?? 0);
          expect(ends).toEqual(
            forward ? [(from?.x ?? 0) + SIZES.width, to?.x] : [from?.x, (to?.x ?? 0) + SIZES.width],
          );
          expect(pathOf(points)).toMatch(/^M[-\d.,]+[HC]/);
        }
        const labels = [
          ...labelPlaces([...layout.routes].map(([key, points]) => ({ key, points }))).values(),
        ];
        expect(labels).toHaveLength(layout.routes.size);
        for (const [index, [x, y]] of labels.entries())
          for (const [otherX, otherY] of labels.slice(index + 1))
            expect(x !== otherX || Math.abs(y - otherY) > 15.9).toBe(true);
      }),
    );
  });

  it('unties what need not cross', () => {
    const after = new Map([
      ['a', ['z']],
      ['b', ['y']],
      ['c', ['x']],
    ]);
    const before = new Map([...after].map(([from, [to = '']]) => [to, [from]]));
    const tangled = {
      layers: [
        ['a', 'b', 'c'],
        ['x', 'y', 'z'],
      ],
      before,
      after,
    };
    expect(allCrossings(tangled)).toBe(3);
    expect(allCrossings({ ...tangled, layers: ordered(tangled) })).toBe(0);
  });

  it('keeps distances and moves as little as it can', () => {
    expect(spread([0, 0], [10, 10], 2)).toEqual([-6, 6]);
    expect(spread([0, 100], [10, 10], 2)).toEqual([0, 100]);
    expect(spread([], [], 2)).toEqual([]);
  });
});
