import { expect, test } from 'vitest';
import { classify, engineError } from './errors.ts';

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

test('a message is one bounded line', () => {
  const error = engineError(62, `${'x'.repeat(5_000)}\nstack`);
  expect(error.message.length).toBe(1_001);
  expect(engineError(62, 'a\nb').message).toBe('a');
});
