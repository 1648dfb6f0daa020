import { expect, test } from 'vitest';
import { platformProblem } from './driver.ts';

test.each([
  ['win32', 'x64', '{}', 'the embedded engine has no build for win32'],
  [
    'linux',
    'x64',
    '{"header":{}}',
    'the embedded engine needs glibc; this system has another C library (musl)',
  ],
  [
    'linux',
    's390x',
    '{"header":{"glibcVersionRuntime":"2.36"}}',
    'the embedded engine does not load on linux-s390x',
  ],
  ['darwin', 'arm64', '{}', 'the embedded engine does not load on darwin-arm64'],
])('%s-%s: one clear line', (platform, arch, report, line) => {
  expect(platformProblem(platform, arch, report)).toBe(line);
});
