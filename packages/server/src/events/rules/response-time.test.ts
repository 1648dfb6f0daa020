import { expect, it } from 'vitest';
import type { JsonValue } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('response_time');

it.each<[JsonValue, string[]]>([
  [0, []],
  [4999.999, []],
  [5000, []],
  ['5000', []],
  [5000.001, ['violation response_time RETRY']],
  ['5000.001', ['violation response_time RETRY']],
  ['slow', []],
  [null, []],
])('response_time %j: %j', (response_time, expected) => {
  expect(finds({ response_time })).toEqual(expected);
});

it('says nothing where there is no response_time', () => {
  expect(finds({ other: 5000.001 })).toEqual([]);
});
