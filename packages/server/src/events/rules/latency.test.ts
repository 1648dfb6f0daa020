import { expect, it } from 'vitest';
import type { JsonValue } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('latency');

it.each<[JsonValue, string[]]>([
  [0, []],
  [2999.999, []],
  [3000, []],
  ['3000', []],
  [3000.001, ['violation latency RETRY']],
  ['3000.001', ['violation latency RETRY']],
  ['slow', []],
  [null, []],
])('latency %j: %j', (latency, expected) => {
  expect(finds({ latency })).toEqual(expected);
});

it('says nothing where there is no latency', () => {
  expect(finds({ other: 3000.001 })).toEqual([]);
});
