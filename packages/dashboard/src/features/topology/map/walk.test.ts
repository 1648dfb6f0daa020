import { expect, it } from 'vitest';
import { layoutOf } from '../layout/layout.ts';
import { isArrow, nextOf } from './walk.ts';

it('walks along the calls and within a column', () => {
  const calls = [
    { source: 'gateway', target: 'order' },
    { source: 'gateway', target: 'user' },
    { source: 'order', target: 'db' },
  ];
  const layout = layoutOf(['gateway', 'order', 'user', 'db'], calls, {
    width: 10,
    height: 4,
    gapX: 5,
    gapY: 2,
  });
  const walk = (from: string, keys: readonly string[]): (string | null)[] =>
    keys.map((key) => (isArrow(key) ? nextOf(from, key, layout, calls) : null));
  expect(walk('gateway', ['ArrowLeft', 'ArrowUp', 'ArrowDown', 'Enter'])).toEqual([null, null, null, null]);
  expect(['order', 'user']).toContain(walk('gateway', ['ArrowRight'])[0]);
  expect(walk('order', ['ArrowLeft', 'ArrowRight'])).toEqual(['gateway', 'db']);
  expect(
    [...walk('order', ['ArrowUp', 'ArrowDown']), ...walk('user', ['ArrowUp', 'ArrowDown'])]
      .filter((id) => id !== null)
      .toSorted(),
  ).toEqual(['order', 'user']);
  expect(walk('nobody', ['ArrowRight'])).toEqual([null]);
});
