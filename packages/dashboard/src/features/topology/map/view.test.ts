import { expect, it } from 'vitest';
import { fitted, showing, zoomed } from './view.ts';

const WINDOW = { width: 1000, height: 500 };

it('fits a large map, and does not blow up a small one', () => {
  expect(fitted({ width: 400, height: 100 }, WINDOW)).toEqual({ scale: 1, x: 300, y: 200 });
  const large = fitted({ width: 1904, height: 904 }, WINDOW);
  expect(large).toEqual({ scale: 0.5, x: 24, y: 24 });
});

it('zooms about the point that is pointed at, within limits', () => {
  const view = zoomed({ x: 0, y: 0, scale: 1 }, 2, [100, 50]);
  expect(view).toEqual({ scale: 2, x: -100, y: -50 });
  expect(zoomed(view, 2, [0, 0])).toEqual(view);
});

it('moves to a box only when it is out of sight or too small to read', () => {
  const view = { x: 0, y: 0, scale: 1 };
  expect(showing(view, { x: 10, y: 10, width: 100, height: 40 }, WINDOW)).toBe(view);
  expect(showing(view, { x: 2000, y: 10, width: 100, height: 40 }, WINDOW)).toEqual({
    scale: 1,
    x: -1550,
    y: 220,
  });
  expect(showing({ x: 0, y: 0, scale: 0.1 }, { x: 0, y: 0, width: 100, height: 50 }, WINDOW).scale).toBe(
    0.45,
  );
});
