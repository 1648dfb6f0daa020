import { expect, it } from 'vitest';
import type { JsonObject } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('pattern');
const usual: readonly JsonObject[] = Array.from({ length: 100 }, () => ({ path: '/', user: 'a' }));

it.each<[JsonObject, readonly JsonObject[], string[]]>([
  [{ path: '/' }, usual.slice(1), []],
  [{ path: '/' }, usual, ['caution data CONTINUE']],
  [{ path: '/', user: 'a', more: 1 }, usual, ['caution data CONTINUE']],
  [{ user: 7, path: '/' }, usual, ['caution data CONTINUE']],
  [{ user: 'b', path: '/x' }, usual, []],
  [{ path: '/' }, [...usual, { path: '/' }], []],
])('%j', (data, before, expected) => {
  expect(finds(data, before)).toEqual(expected);
});

it('a source with more than eight shapes sends what it likes', () => {
  const shapes = (count: number) => Array.from({ length: count }, (_, i) => ({ [`field${i}`]: 1 }));
  expect(finds({ odd: 1 }, [...usual, ...shapes(6)])).toEqual(['caution data CONTINUE']);
  expect(finds({ odd: 1 }, [...usual, ...shapes(8)])).toEqual([]);
});
