import { expect, it } from 'vitest';
import { errorInWords } from './error-words.ts';

it.each([
  ['connect ECONNREFUSED 127.0.0.1:8004', 'Nothing listens'],
  ['getaddrinfo ENOTFOUND nowhere', 'cannot be resolved'],
  ['the scrape timed out after 4s', 'did not answer within'],
  ['server returned HTTP status 401 Unauthorized', 'credentials'],
  ['server returned HTTP status 404 Not Found', 'metrics_path'],
  ['self-signed certificate in certificate chain', 'certificate'],
  ['sample_limit exceeded: 5000 samples, 100 are allowed', 'cardinality page'],
  ['line 12: expected a value', 'no valid exposition'],
])('%s means: %s', (error, words) => {
  expect(errorInWords(error)).toContain(words);
});

it('adds nothing to what it does not know', () => {
  expect(errorInWords('something odd')).toBe('');
  expect(errorInWords('')).toBe('');
});
