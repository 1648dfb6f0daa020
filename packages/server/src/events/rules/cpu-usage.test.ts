import { expect, it } from 'vitest';
import type { JsonValue } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('cpu_usage');

it.each<[JsonValue, string[]]>([
  [0, []],
  [89.999, []],
  [90, []],
  ['90', []],
  [90.001, ['violation cpu_usage ESCALATE']],
  ['90.001', ['violation cpu_usage ESCALATE']],
  ['slow', []],
  [null, []],
])('cpu_usage %j: %j', (cpu_usage, expected) => {
  expect(finds({ cpu_usage })).toEqual(expected);
});

it('says nothing where there is no cpu_usage', () => {
  expect(finds({ other: 90.001 })).toEqual([]);
});
