import { expect, it } from 'vitest';
import type { JsonValue } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('memory_usage');

it.each<[JsonValue, string[]]>([
  [0, []],
  [84.999, []],
  [85, []],
  ['85', []],
  [85.001, ['violation memory_usage ESCALATE']],
  ['85.001', ['violation memory_usage ESCALATE']],
  ['slow', []],
  [null, []],
])('memory_usage %j: %j', (memory_usage, expected) => {
  expect(finds({ memory_usage })).toEqual(expected);
});

it('says nothing where there is no memory_usage', () => {
  expect(finds({ other: 85.001 })).toEqual([]);
});
