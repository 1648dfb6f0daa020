import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { curlOf, shellWord } from './curl.ts';

it('writes the request as one command', () => {
  expect(curlOf('http://x/api/v1/query', { query: `up{job='a'}`, time: '1' })).toBe(
    `curl -s -G 'http://x/api/v1/query' \\\n  --data-urlencode 'query=up{job='\\''a'\\''}' \\\n  --data-urlencode 'time=1'`,
  );
});

it('means to a shell exactly what the text says', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      (text) => {
        expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`]).toString()).toBe(text);
      },
    ),
    { numRuns: 20 },
  );
});
