import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readScript } from './promqltest-script.ts';

describe('a script under hostile text', () => {
  const fragments = fc.constantFrom(
    'load 5m',
    'load_with_nhcb 1m',
    'clear',
    'eval instant at 5m ',
    'eval range from 0 to 5m step 1m ',
    '\n',
    '\n  ',
    '\n\n',
    'h{a="b"}',
    '{{',
    '}}',
    '{{schema:0 count:1 buckets:[1 2]}}',
    'x3',
    '+',
    '1+2x3',
    '@st',
    '-1m',
    'stale',
    '_x2',
    '{}',
    'expect fail msg: x',
    'expect warn',
    'expect no_warn',
    'expect ordered',
    'expect string "x"',
    '"',
    '\\',
    '[1',
    '#',
  );

  it('is read or refused with a SyntaxError, nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fragments, { maxLength: 14 }).map((all) => all.join(' ')),
          fc.string(),
        ),
        (text) => {
          try {
            readScript(text);
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
