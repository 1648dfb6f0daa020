import { expect, it } from 'vitest';
import { runStages } from '../testing/run-stages.ts';

it.each([
  ['\u001b[31mred\u001b[0m plain', 'red plain'],
  ['\u001b[1;38;5;208mx\u009b0my', 'xy'],
  ['\u001b]8;;http://x\u0007link\u001b]8;;\u001b\\', 'link'],
  ['no codes', 'no codes'],
  ['broken \u001b[31', 'broken '],
  ['end \u001b', 'end '],
  ['\u001b]never ended', 'never ended'],
])('%j becomes %j', (line, plain) => {
  expect(runStages('| decolorize', line).line).toBe(plain);
});
