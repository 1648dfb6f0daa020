import { expect, it } from 'vitest';
import type { JsonObject } from '../event.ts';
import { finder } from '../testing/setup.ts';

const finds = finder('approaching_limit');

it.each<[JsonObject, string[]]>([
  [{ response_time: 4500 }, []],
  [{ response_time: 4500.001 }, ['caution response_time CONTINUE']],
  [{ response_time: 5000 }, ['caution response_time CONTINUE']],
  [{ response_time: 5000.001 }, []],
  [{ latency: 2700 }, []],
  [{ latency: 2700.001 }, ['caution latency CONTINUE']],
  [{ latency: 3000 }, ['caution latency CONTINUE']],
  [{ latency: 3000.001 }, []],
  [{ cpu_usage: 81 }, []],
  [{ cpu_usage: 81.001 }, ['caution cpu_usage CONTINUE']],
  [{ cpu_usage: 90 }, ['caution cpu_usage CONTINUE']],
  [{ cpu_usage: 90.001 }, []],
  [{ memory_usage: 76.5 }, []],
  [{ memory_usage: 76.501 }, ['caution memory_usage CONTINUE']],
  [{ memory_usage: 85 }, ['caution memory_usage CONTINUE']],
  [{ memory_usage: 85.001 }, []],
  [{ error_rate: 9 }, []],
  [{ error_rate: 9.001 }, ['caution error_rate CONTINUE']],
  [{ error_rate: 10 }, ['caution error_rate CONTINUE']],
  [{ error_rate: 10.001 }, []],
  [{ cpu_usage: 85, latency: '2900' }, ['caution latency CONTINUE', 'caution cpu_usage CONTINUE']],
  [{ cpu_usage: 'high' }, []],
])('%j: %j', (data, expected) => {
  expect(finds(data)).toEqual(expected);
});
