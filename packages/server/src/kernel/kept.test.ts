import { expect, test } from 'vitest';
import { Kept } from './kept.ts';

/** Room for three values of 1,000 bytes. */
const three = (): Kept<string> => new Kept<string>(3500, () => 1000);

test('what was used last stays, what was used longest ago goes', () => {
  const kept = three();
  for (const key of ['a', 'b', 'c']) kept.set(key, key.toUpperCase());
  expect(kept.get('a')).toBe('A');
  kept.set('d', 'D');
  expect(['a', 'b', 'c', 'd'].map((key) => kept.get(key))).toEqual(['A', undefined, 'C', 'D']);
});

test('a value that is set again counts once', () => {
  const kept = three();
  for (let i = 0; i < 10; i++) kept.set('a', String(i));
  kept.set('b', 'B');
  kept.set('c', 'C');
  expect(kept.size).toBe(3);
  expect(kept.get('a')).toBe('9');
});

test('what is larger than all the room is not kept', () => {
  const kept = new Kept<string>(500, (value) => value.length);
  kept.set('small', 'x');
  kept.set('large', 'x'.repeat(1000));
  expect(kept.size).toBe(0);
  kept.set('small', 'x');
  expect(kept.get('small')).toBe('x');
});
