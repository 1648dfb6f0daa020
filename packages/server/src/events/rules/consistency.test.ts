import { expect, it } from 'vitest';
import type { JsonObject } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('consistency');

it.each<[JsonObject, string[]]>([
  [{ status_code: 200, error: null, status: 'success', output: { value: 1 } }, []],
  [{ status_code: 200, error: 'timeout' }, ['violation error REPROCESS']],
  [{ status_code: 200, error: { code: 5 } }, ['violation error REPROCESS']],
  [{ status_code: 200, error: {} }, []],
  [{ status_code: 200, error: 'none' }, []],
  [{ status_code: '201', status: 'FAILED' }, ['violation status REPROCESS']],
  [{ status_code: 200, output: { error: 'no stock' } }, ['violation output REPROCESS']],
  [{ status_code: 200, output: 'Error: no stock' }, ['violation output REPROCESS']],
  [{ status_code: 200, output: 'the error page was read' }, []],
  [{ status_code: 199, error: 'x' }, []],
  [{ status_code: 299, error: 'x' }, ['violation error REPROCESS']],
  [{ status_code: 300, error: 'x' }, []],
  [{ status_code: 499, status: 'success' }, []],
  [{ status_code: 500, status: 'success' }, ['violation status REPROCESS']],
  [{ status_code: 503, success: true }, ['violation success REPROCESS']],
  [{ status_code: 500, error: 'x', status: 'error' }, []],
  [{ error: 'x' }, []],
])('%j: %j', (data, expected) => {
  expect(finds(data)).toEqual(expected);
});
