import { expect, test } from 'vitest';
import { asksTooMuch, classify, engineError } from './errors.ts';

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

test('a statement asks for too much where its own room is full, not where that of all is', () => {
  const exceeded = (what: string): boolean =>
    asksTooMuch(engineError(241, `Code: 241. DB::Exception: ${what}: would use 24.06 MiB`));
  expect(exceeded('Query memory limit exceeded')).toBe(true);
  expect(exceeded('Memory limit (for query) exceeded')).toBe(true);
  expect(exceeded('(total) memory limit exceeded')).toBe(false);
  expect(exceeded('Memory limit (total) exceeded')).toBe(false);
  expect(exceeded('User memory limit exceeded')).toBe(false);
});

test('a message is one bounded line', () => {
  const error = engineError(62, `${'x'.repeat(5_000)}\nstack`);
  expect(error.message.length).toBe(1_001);
  expect(engineError(62, 'a\nb').message).toBe('a');
});
