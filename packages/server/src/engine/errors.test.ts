import { expect, test } from 'vitest';
import { asksTooMuch, classify, engineError, isFull } from './errors.ts';

test.each([
  [62, 'badQuery'],
  [60, 'badQuery'],
  [164, 'badQuery'],
  [241, 'resource'],
  [243, 'resource'],
  [159, 'resource'],
  [396, 'resource'],
  [252, 'refused'],
  [394, 'canceled'],
  [40, 'corrupt'],
  [undefined, 'retryable'],
] as const)('code %s is %s', (code, name) => {
  expect(classify(code)).toBe(name);
});

test('a statement that had no room may ask for less, and is told whether it was its own that was full or that of all', () => {
  const full = (what: string): boolean => {
    const error = engineError(241, `Code: 241. DB::Exception: ${what}: would use 24.06 MiB`);
    expect(asksTooMuch(error)).toBe(true);
    return isFull(error);
  };
  expect(full('Query memory limit exceeded')).toBe(false);
  expect(full('Memory limit (for query) exceeded')).toBe(false);
  expect(full('(total) memory limit exceeded')).toBe(true);
  expect(full('Memory limit (total) exceeded')).toBe(true);
  expect(full('User memory limit exceeded')).toBe(true);
});

test('a message is one bounded line', () => {
  const error = engineError(62, `${'x'.repeat(5_000)}\nstack`);
  expect(error.message.length).toBe(1_001);
  expect(engineError(62, 'a\nb').message).toBe('a');
});
