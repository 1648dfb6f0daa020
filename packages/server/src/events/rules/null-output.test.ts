import { expect, it } from 'vitest';
import type { JsonObject } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('null_output');

it.each<[JsonObject, string[]]>([
  [{ output: 'x', result: 0 }, []],
  [{ output: false, result: [] }, []],
  [{}, []],
  [{ output: null }, ['violation output REPROCESS']],
  [{ result: ' ' }, ['violation result REPROCESS']],
  [{ output: 'None' }, ['violation output REPROCESS']],
  [{ output: 'none of them' }, []],
  [{ result: 'NaN', output: 'undefined' }, ['violation output REPROCESS', 'violation result REPROCESS']],
])('%j: %j', (data, expected) => {
  expect(finds(data)).toEqual(expected);
});
