import { expect, it } from 'vitest';
import type { JsonValue } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('error_rate');

it.each<[JsonValue, string[]]>([
  [0, []],
  [9.999, []],
  [10, []],
  ['10', []],
  [10.001, ['violation error_rate ESCALATE']],
  ['10.001', ['violation error_rate ESCALATE']],
  // When half of everything fails, going on does harm.
  [50, ['violation error_rate ESCALATE']],
  [50.001, ['violation error_rate HALT']],
  ['slow', []],
  [null, []],
])('error_rate %j: %j', (error_rate, expected) => {
  expect(finds({ error_rate })).toEqual(expected);
});

it('says nothing where there is no error_rate', () => {
  expect(finds({ other: 10.001 })).toEqual([]);
});
