import { expect, it } from 'vitest';
import { componentsOf, moved, problemAt, sourceKey, sourceOf, withEntry } from './edit.ts';

it('sources stand in a list of choices and come back', () => {
  for (const of of [{ probe: 'file-a b' }, { service: 'order' }]) expect(sourceOf(sourceKey(of))).toEqual(of);
  expect(sourceOf('neither')).toBe(null);
});

it('entries are replaced, taken out and moved', () => {
  expect([withEntry(['a', 'b'], 1, 'c'), withEntry(['a', 'b'], 0, null)]).toEqual([['a', 'c'], ['b']]);
  expect([moved(['a', 'b', 'c'], 2, -1), moved(['a', 'b'], 1, 1)]).toEqual([
    ['a', 'c', 'b'],
    ['a', 'b'],
  ]);
});

it('only saved components can be named by incidents, and problems are found by their place', () => {
  const saved = { id: 'abc', name: 'x', of: { probe: 'p' }, response_time: false };
  expect(componentsOf([{ name: '', components: [saved, { ...saved, id: undefined }] }])).toEqual([saved]);
  const problems = [{ field: 'body.groups.0.components.1.of', problem: 'odd' }];
  expect([problemAt(problems, 'groups.0.components.1'), problemAt(problems, 'title')]).toEqual([
    'odd',
    undefined,
  ]);
});
