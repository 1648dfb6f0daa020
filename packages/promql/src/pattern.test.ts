import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { createMatcher } from './matcher.ts';
import { plainPattern } from './pattern.ts';

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'ab', 'c', 'é', '😀', '\n', '-', ':') },
  { weight: 5, arbitrary: fc.constantFrom('.*', '.+', '.*?', '.+?', '|', '(', ')', '(?:', '?') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '\\.',
      '\\-',
      '^',
      '$',
      '.',
      '*',
      '+',
      '[ab]',
      '{2}',
      '\\d',
      '\\',
      '(?i)',
      '??',
    ),
  },
);
const pattern = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
const text = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'c', 'é', '😀', '\n', '-', '.', ':', '\ud83d'), { maxLength: 8 })
  .map((parts) => parts.join(''));

describe('plainPattern', () => {
  it('matches what RE2 matches, for every pattern it takes', () => {
    let taken = 0;
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 12 }), (source, texts) => {
        const plain = plainPattern(source);
        if (plain === undefined) return;
        taken++;
        const engine = RE2JS.compile(source, RE2JS.DOTALL);
        for (const one of [...texts, ...(plain.literals ?? [])])
          expect(plain.test(one), JSON.stringify([source, one])).toBe(engine.matches(one));
      }),
      { numRuns: 4000 },
    );
    expect(taken).toBeGreaterThan(400);
  });

  it.each([
    ['a|b', ['a', 'b']],
    ['foo', ['foo']],
    ['', ['']],
    ['^(?:10\\.0\\.0\\.1|node-2):9100$', ['10.0.0.1:9100', 'node-2:9100']],
    ['us-(east|west)(-1)?', ['us-east-1', 'us-east', 'us-west-1', 'us-west']],
    ['a.*', undefined],
    ['.+-(api|web)-.*', undefined],
  ])('%s is plain', (source, literals) => {
    expect(plainPattern(source)?.literals).toEqual(literals);
  });

  it.each(['a.b', '[ab]', 'a*', '(?i)a', '\\d', 'a{2}', '(a|b)+', 'a**', '(', '.+.+', 'a^b', '$a', '\\_'])(
    '%s is left to the engine',
    (source) => {
      expect(plainPattern(source)).toBeUndefined();
    },
  );

  it('takes lists as long as dashboards write them', () => {
    const names = Array.from({ length: 3000 }, (_, i) => `node-${i}:9100`);
    expect(plainPattern(names.join('|'))?.literals).toEqual(names);
    expect(plainPattern(`(${names.join('|')})`)?.literals).toEqual(names);
  });

  it('takes no longer for hostile patterns and texts than for others', () => {
    const long = 'a'.repeat(50_000);
    expect(createMatcher('x', '=~', '.*a'.repeat(40)).matches(`${long}b`)).toBe(false);
    expect(createMatcher('x', '=~', '(a|b)'.repeat(30)).matches(long)).toBe(false);
    expect(createMatcher('x', '=~', '(a*)*b').matches(long.slice(0, 2_000))).toBe(false);
  });
});
