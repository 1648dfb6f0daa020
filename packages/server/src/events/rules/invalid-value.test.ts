import { expect, it } from 'vitest';
import type { JsonObject } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('invalid_value');

it.each<[JsonObject, string[]]>([
  [{ latency: 0 }, []],
  [{ latency: -0.001 }, ['violation latency REPROCESS']],
  [{ latency: null }, ['violation latency REPROCESS']],
  [{ latency: '12' }, []],
  [{ response_time: 'slow' }, ['violation response_time REPROCESS']],
  [{ cpu_usage: 99.999 }, []],
  [{ cpu_usage: 100 }, []],
  [{ cpu_usage: 100.001 }, ['violation cpu_usage REPROCESS']],
  [{ latency: 1e6 }, []],
  [{ error_rate: [] }, ['violation error_rate REPROCESS']],
  [{ other: -1 }, []],
])('%j: %j', (data, expected) => {
  expect(finds(data)).toEqual(expected);
});
