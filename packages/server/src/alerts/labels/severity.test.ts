import { expect, it } from 'vitest';
import { labelSet } from './label-set.ts';
import { loudnessOf } from './severity.ts';

it.each([
  ['critical', 'critical'],
  ['P2', 'critical'],
  ['Warning', 'warning'],
  ['p3', 'warning'],
  ['info', 'info'],
  ['none', 'info'],
  ['sev-7', 'critical'],
  ['', 'critical'],
])('takes severity %s for %s', (severity, loudness) => {
  expect(loudnessOf(labelSet([['severity', severity]]))).toBe(loudness);
});
