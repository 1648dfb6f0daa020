import { expect, it } from 'vitest';
import type { JsonObject } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('silent_failure');

it.each<[JsonObject, string[]]>([
  [{ status: 'success', result: 1 }, []],
  [{ status: 'success' }, []],
  [{ status: 'success', result: null }, ['violation result RETRY']],
  [{ success: true, output: null }, ['violation output RETRY']],
  [{ status: 'failed', result: null }, []],
  [{ processed: true, output: 'x' }, []],
  [{ processed: true }, ['violation output RETRY']],
  [{ processed: true, output: null }, ['violation output RETRY']],
  [{ processed: false }, []],
  [{ completed: true, items_processed: 0 }, ['violation items_processed RETRY']],
  [{ completed: true, items_processed: 1 }, []],
  [{ completed: true }, []],
  [{ completed: false, items_processed: 0 }, []],
])('%j: %j', (data, expected) => {
  expect(finds(data)).toEqual(expected);
});
