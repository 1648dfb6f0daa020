import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelSet } from '../labels/label-set.ts';
import { parseClassicMatcher, parseClassicMatchers } from './classic-parse.ts';
import {
  type AlertMatcher,
  alertMatcher,
  formatMatcher,
  formatMatchers,
  MatcherSyntaxError,
  matchesAll,
  sortMatchers,
} from './matcher.ts';
import { parseMatcher, parseMatchers } from './parse.ts';
import { parseUtf8Matcher, parseUtf8Matchers } from './utf8-parse.ts';

const triples = (matchers: readonly AlertMatcher[]) =>
  matchers.map(({ name, op, value }) => [name, op, value]);
const refusal = (parse: () => unknown): string => {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(MatcherSyntaxError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('it was read');
};

describe('parseUtf8Matchers', () => {
  it.each([
    ['', []],
    ['{}', []],
    ['{foo=bar}', [['foo', '=', 'bar']]],
    ['{foo=bar,}', [['foo', '=', 'bar']]],
    ['foo!=bar', [['foo', '!=', 'bar']]],
    ['foo=~[a-z]+,', [['foo', '=~', '[a-z]+']]],
    ['{foo!~[a-z]+}', [['foo', '!~', '[a-z]+']]],
    ['{foo=🙂bar}', [['foo', '=', '🙂bar']]],
    ['Σ=b', [['Σ', '=', 'b']]],
    ['{"foo bar"="b,a}r"}', [['foo bar', '=', 'b,a}r']]],
    [
      ' { foo = bar , "bar" != "baz" } ',
      [
        ['foo', '=', 'bar'],
        ['bar', '!=', 'baz'],
      ],
    ],
    ['{"foo"="\\xf0\\x9f\\x99\\x82"}', [['foo', '=', '🙂']]],
    ['{"foo"="\\U0001f642"}', [['foo', '=', '🙂']]],
    ['{"foo"="\\ufffd"}', [['foo', '=', '\ufffd']]],
    ['"foo"="a\\tb\\n\\"c\\"\\\\"', [['foo', '=', 'a\tb\n"c"\\']]],
    [
      'foo=hello\u202f,bar=x',
      [
        ['foo', '=', 'hello'],
        ['bar', '=', 'x'],
      ],
    ],
  ])('reads %s', (input, expected) => {
    expect(triples(parseUtf8Matchers(input))).toEqual(expected);
  });

  it.each([
    [',', '0:1: unexpected ,: expected label name'],
    ['{,}', '1:2: unexpected ,: expected label name'],
    ['{', '0:1: end of input: expected close brace'],
    ['}', '0:1: }: expected opening brace'],
    ['foo=bar}', '0:8: }: expected opening brace'],
    ['{foo=bar', '0:8: end of input: expected close brace'],
    ['foo', "end of input: expected an operator such as '=', '!=', '=~' or '!~'"],
    ['foo=', 'end of input: expected label value'],
    ['foo=bar,,', '8:9: unexpected ,: expected a matcher or close brace after comma'],
    ['{foo=bar}baz', '9:12: baz: expected end of input'],
    ['{foo=:"bar"}', '6:11: unexpected "bar": expected a comma or close brace'],
    ['{foo="bar\\w"}', '5:12: "bar\\w": invalid input'],
    ['{foo=bar\\n}', '8:9: \\: invalid input: expected a comma or close brace'],
    ['{"foo"="\\xf0\\x9f"}', '7:17: "\\xf0\\x9f": invalid input'],
    ['"hello', '0:6: "hello: missing end "'],
    ['"hello\\"', '0:8: "hello\\": missing end "'],
    ['~', '0:1: ~: invalid input'],
    ['!', "0:1: unexpected end of input, expected one of '=~'"],
    ['a=b!!', "3:4: !: expected one of '=~': expected a comma or close brace"],
  ])('refuses %s', (input, expected) => {
    expect(refusal(() => parseUtf8Matchers(input))).toBe(expected);
  });

  it('says that a pattern is none', () => {
    expect(refusal(() => parseUtf8Matchers('foo=~"["'))).toMatch(/^failed to create matcher: /);
  });

  it.each([
    ['', 'no matchers'],
    ['{}', 'no matchers'],
    ['foo=bar,bar=baz', 'expected 1 matcher, found 2'],
  ])('of one: refuses %s', (input, expected) => {
    expect(refusal(() => parseUtf8Matcher(input))).toBe(expected);
  });
});

describe('parseClassicMatchers', () => {
  it.each([
    ['', []],
    ['{}', []],
    [
      '{foo = "bar", dings != "bums", }',
      [
        ['foo', '=', 'bar'],
        ['dings', '!=', 'bums'],
      ],
    ],
    [
      'foo=bar,dings!=bums',
      [
        ['foo', '=', 'bar'],
        ['dings', '!=', 'bums'],
      ],
    ],
    ['{quote="She said: \\"Hi, ladies!\\""}', [['quote', '=', 'She said: "Hi, ladies!"']]],
    ['statuscode=~"5.."', [['statuscode', '=~', '5..']]],
    ['foo=', [['foo', '=', '']]],
    ['tricky=~~=!=~', [['tricky', '=~', '~=!=~']]],
    ['foo=a b', [['foo', '=', 'a b']]],
    ['foo="bar\\d\\n"', [['foo', '=', 'bar\\d\n']]],
    ['foo=bar\\', [['foo', '=', 'bar\\']]],
    ['a:b=c', [['a:b', '=', 'c']]],
  ])('reads %s', (input, expected) => {
    expect(triples(parseClassicMatchers(input))).toEqual(expected);
  });

  it.each([
    ['job', 'bad matcher format: job'],
    ['=bar', 'bad matcher format: =bar'],
    ['{a=b,,c=d}', 'bad matcher format: '],
    ['{1=x}', 'bad matcher format: 1=x'],
    ['foo="bar', 'matcher value contains unescaped double quote: "bar'],
    ['foo=b"ar', 'matcher value contains unescaped double quote: b"ar'],
    ['foo="b"ar"', 'matcher value contains unescaped double quote: "b"ar"'],
  ])('refuses %s', (input, expected) => {
    expect(refusal(() => parseClassicMatchers(input))).toBe(expected);
  });
});

describe('parseMatchers', () => {
  it.each([
    // Both agree.
    ['{foo="bar"}', [['foo', '=', 'bar']], null],
    // Only the UTF-8 syntax reads it.
    ['foo🙂=bar', [['foo🙂', '=', 'bar']], null],
    ['"foo bar"=baz', [['foo bar', '=', 'baz']], null],
    // Only the classic one does.
    ['foo=bar baz', [['foo', '=', 'bar baz']], { kind: 'incompatible', suggestion: 'foo="bar baz"' }],
    ['foo=~"\\d+"', [['foo', '=~', '\\d+']], { kind: 'incompatible', suggestion: 'foo=~"\\\\d+"' }],
    ['foo=', [['foo', '=', '']], { kind: 'incompatible', suggestion: 'foo=""' }],
    // They disagree: `\t` is a tab, or a backslash and a t.
    ['foo="a\\tb"', [['foo', '=', 'a\\tb']], { kind: 'disagreement', suggestion: 'foo="a\\\\tb"' }],
  ])('%s', (input, expected, warning) => {
    const read = parseMatchers(input);
    expect(triples(read.matchers)).toEqual(expected);
    expect(read.warning).toEqual(warning === null ? null : { ...warning, input });
  });

  it('refuses with the classic reason what neither reads', () => {
    expect(refusal(() => parseMatchers('foo🙂'))).toBe('bad matcher format: foo🙂');
  });
});

describe('parseMatcher', () => {
  it('reads one', () => {
    expect(triples([parseMatcher('foo=~"a|b"')])).toEqual([['foo', '=~', 'a|b']]);
    expect(triples([parseMatcher('foo=a b')])).toEqual([['foo', '=', 'a b']]);
  });

  it.each([
    ['{foo=bar}', 'unexpected open or close brace: {foo=bar}'],
    ['foo=bar}', 'unexpected open or close brace: foo=bar}'],
    ['', 'bad matcher format: '],
  ])('refuses %s', (input, expected) => {
    expect(refusal(() => parseMatcher(input))).toBe(expected);
  });
});

describe('alertMatcher', () => {
  it.each([
    ['=', 'a', 'a', true],
    ['=', 'a', '', false],
    ['!=', 'a', '', true],
    ['!=', '', '', false],
    ['=~', 'a|b', 'b', true],
    ['=~', 'a|b', 'ab', false],
    ['=~', 'a.c', 'a\nc', false],
    ['=~', '(?s)a.c', 'a\nc', true],
    ['=~', '.*', '', true],
    ['!~', '.+', '', true],
    ['!~', '.+', 'x', false],
    ['=~', 'a)|(b', 'ax', true],
  ] as const)('%s %j says of %j: %s', (op, value, candidate, expected) => {
    const matcher = alertMatcher('foo', op, value);
    expect(matcher.matches(candidate)).toBe(expected);
    // The kept answer is the same.
    expect(matcher.matches(candidate)).toBe(expected);
  });

  it('keeps a bounded number of answers and stays right', () => {
    const matcher = alertMatcher('foo', '=~', '[0-9]*[02468]');
    for (let i = 0; i < 3000; i++) expect(matcher.matches(String(i))).toBe(i % 2 === 0);
  });

  it('takes a missing label for an empty one', () => {
    const labels = labelSet([['a', '1']]);
    expect(matchesAll([alertMatcher('a', '=', '1'), alertMatcher('b', '=', '')], labels)).toBe(true);
    expect(matchesAll([alertMatcher('b', '!=', '')], labels)).toBe(false);
    expect(matchesAll([], labels)).toBe(true);
  });
});

describe('order and form', () => {
  it('sorts by name, value and operator', () => {
    const all = ['b=1', 'a!=2', 'a=~2', 'a=2', 'a=1'].map(parseMatcher);
    expect(formatMatchers(sortMatchers(all))).toBe('{a="1",a="2",a!="2",a=~"2",b="1"}');
  });

  it('quotes a name that needs it', () => {
    expect(formatMatcher({ name: 'foo bar', op: '!~', value: 'x\t"' })).toBe('"foo bar"!~"x\\t\\""');
    expect(formatMatcher({ name: 'foo', op: '=', value: 'a\\b\n"\t' })).toBe('foo="a\\\\b\\n\\"\t"');
  });

  it('is read back as it was, by both syntaxes', () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
    const value = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\ufffd'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.constantFrom<'=' | '!='>('=', '!='), value), { minLength: 1 }),
        (all) => {
          const matchers = all.map(([label, op, text]) => alertMatcher(label, op, text));
          const written = formatMatchers(matchers);
          expect(triples(parseClassicMatchers(written))).toEqual(all);
          expect(triples(parseMatchers(written).matchers)).toEqual(all);
        },
      ),
    );
  });

  it('never fails with anything but a refusal', () => {
    const piece = fc.constantFrom(
      'a',
      '=',
      '!',
      '~',
      '"',
      '\\',
      '{',
      '}',
      ',',
      ' ',
      '🙂',
      'n',
      '(',
      '[',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        for (const parse of [parseMatchers, parseMatcher, parseUtf8Matchers, parseClassicMatcher]) {
          try {
            parse(pieces.join(''));
          } catch (error) {
            expect(error).toBeInstanceOf(MatcherSyntaxError);
          }
        }
      }),
    );
  });
});
