import { describe, expect, it } from 'vitest';
import { createMatcher, MatcherError } from './matcher.ts';

describe('matchers', () => {
  it.each([
    ['=', 'a', ['a'], ['ab', '']],
    ['!=', 'a', ['ab', ''], ['a']],
    ['=~', 'a|b.', ['a', 'bc'], ['b', 'xa', 'ax']],
    ['=~', 'a.c', ['a\nc'], ['ac']],
    ['=~', 'a|b', ['a', 'b'], ['ab']],
    ['=~', '', [''], ['a']],
    ['=~', '.*', ['', 'a\n'], []],
    ['=~', '.+', ['a'], ['']],
    ['!~', '.+', [''], ['a']],
    ['=~', '(?i)ab', ['AB'], ['ABC']],
    ['=~', '__proto__|constructor', ['__proto__'], ['toString']],
  ] as const)('%s %j', (op, value, yes, no) => {
    const matcher = createMatcher('x', op, value);
    for (const text of yes) expect(matcher.matches(text), text).toBe(true);
    for (const text of no) expect(matcher.matches(text), text).toBe(false);
  });

  it('tell the literals an index can look up', () => {
    expect(createMatcher('x', '=~', 'a|b').literals).toEqual(['a', 'b']);
    expect(createMatcher('x', '=', 'a').literals).toEqual(['a']);
    expect(createMatcher('x', '=~', 'a.*').literals).toBeUndefined();
    expect(createMatcher('x', '!~', 'a|b').literals).toBeUndefined();
  });

  it('refuse what RE2 refuses', () => {
    for (const pattern of ['(', 'a(?=b)', '\\1', 'a**'])
      expect(() => createMatcher('x', '=~', pattern)).toThrow(MatcherError);
  });
});
