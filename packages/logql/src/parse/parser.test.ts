import { QueryError } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { query } from '../testing/random-queries.ts';
import { parseExpr, parseLogExpr, parseSelector } from './parser.ts';
import { formatExpr } from './printer.ts';

/** A tree without places and functions, for comparison. */
function shape(node: unknown): unknown {
  return JSON.parse(JSON.stringify(node, (key, value: unknown) => (key === 'span' ? undefined : value)));
}

describe('parseExpr', () => {
  it.each([
    ['{a="b"}', '{a="b"}'],
    [' { a = "b" , c=~`d.*` , } # comment', '{a="b", c=~"d.*"}'],
    ['({a="b"})', '{a="b"}'],
    ['{a="b"} |= "x" or ip("::1") != `y"z` |~ "e.r"', '{a="b"} |= "x" or ip("::1") != `y"z` |~ "e.r"'],
    ['{a="b"}|json|x="1",y>2 z<3s', '{a="b"} | json | x="1" and y > 2 and z < 3s'],
    ['{a="b"} | (x="1" or y="2") and z="3"', '{a="b"} | (x="1" or y="2") and z="3"'],
    ['{a="b"} | x="1" or y="2" and z="3"', '{a="b"} | x="1" or y="2" and z="3"'],
    ['{a="b"} | duration > 90m or bytes <= 2.5KiB', '{a="b"} | duration > 1h30m or bytes <= 2560B'],
    ['{a="b"} | logfmt --strict --keep-empty x, y="z"', '{a="b"} | logfmt --strict --keep-empty x, y="z"'],
    ['{a="b"} | drop x, y="z" | keep q', '{a="b"} | drop x, y="z" | keep q'],
    ['{a="b"} | label_format x=y, z="{{.q}}"', '{a="b"} | label_format x=y, z="{{.q}}"'],
    ['count_over_time({a="b"}[5m] |= "x")', 'count_over_time({a="b"} |= "x" [5m])'],
    ['rate(({a="b"} |= "x" | unwrap y)[1m] offset -30s)', 'rate({a="b"} |= "x" | unwrap y [1m] offset -30s)'],
    ['rate(({a="b"})[500ms] | json)', 'rate({a="b"} | json [500ms])'],
    [
      'quantile_over_time(0.99,{a="b"} | unwrap duration(x) | __error__="" [1h30m]) by (y)',
      'quantile_over_time(0.99, {a="b"} | unwrap duration(x) | __error__="" [1h30m]) by (y)',
    ],
    ['sum(rate({a="b"}[1m])) without (x)', 'sum without (x) (rate({a="b"} [1m]))'],
    ['topk by (x) (3, rate({a="b"}[1m]))', 'topk by (x) (3, rate({a="b"} [1m]))'],
    ['1 + 2 * vector(3) ^ 2', '1 + (2 * (vector(3) ^ 2))'],
    ['vector(1) > bool on (x) group_left (y) vector(2)', 'vector(1) > bool on (x) group_left (y) vector(2)'],
    ['label_replace(vector(1), "a", "$1", "b", "(.*)")', 'label_replace(vector(1), "a", "$1", "b", "(.*)")'],
    ['-1 + +2', '-1 + 2'],
    ['Sum(Rate({By="b"}[1m])) BY (x)', 'sum by (x) (rate({By="b"} [1m]))'],
  ])('%s', (text, printed) => {
    expect(formatExpr(parseExpr(text))).toBe(printed);
    expect(formatExpr(parseExpr(printed))).toBe(printed);
  });

  it('reads back every query it prints', () => {
    fc.assert(
      fc.property(query, (expr) => {
        expect(shape(parseExpr(formatExpr(expr)))).toEqual(shape(expr));
      }),
      { numRuns: 250 },
    );
  });

  it('knows where things stand', () => {
    expect(parseExpr('  sum(rate({a="b"}[1m]))')).toMatchObject({ span: { start: 2, end: 24 } });
    expect(parseLogExpr('{a="b"} | json')).toMatchObject({ stages: [{ span: { start: 8, end: 14 } }] });
  });
});

describe('refusals', () => {
  it.each([
    ['', 'line 1, col 1: syntax error: unexpected $end'],
    ['{foo}', 'line 1, col 5: syntax error: unexpected }, expecting = or =~ or !~ or !='],
    ['{a="b" c="d"}', 'line 1, col 8: syntax error: unexpected IDENTIFIER, expecting } or ,'],
    ['{a="b"', 'line 1, col 7: syntax error: unexpected $end, expecting } or ,'],
    ['{a=~"("}', 'line 1, col 5: error parsing regexp: missing closing )'],
    ['{a=~".*"}', 'line 1, col 1: queries require at least one regexp or equality matcher'],
    ['{}', 'queries require at least one'],
    ['{a="b"} |= ', 'line 1, col 12: syntax error: unexpected $end, expecting STRING or ip'],
    ['{a="b"} | 5', 'line 1, col 11: syntax error: unexpected NUMBER'],
    [
      '{a="b"} | x >= "y"',
      'line 1, col 16: syntax error: unexpected STRING, expecting BYTES or NUMBER or DURATION',
    ],
    [
      '{ foo = "bar" }|logfmt|addr>=ip("1.2.3.4")',
      'line 1, col 30: syntax error: unexpected ip, expecting BYTES or NUMBER or DURATION',
    ],
    ['{a="b"} | x =~ ip("::1")', 'syntax error: unexpected ip, expecting STRING'],
    [
      '{a="b"} | x > 0x10',
      'unable to parse literal as a float: strconv.ParseFloat: parsing "0x10": invalid syntax',
    ],
    ['{a="b"} | x > 1mb', 'line 1, col 18: syntax error: unexpected $end'],
    ['{a="b"} "x', 'literal not terminated'],
    ['{a="b"} | json | ~', 'unexpected character "~"'],
    ['{a="b"} | unwrap x', 'line 1, col 11: syntax error: unexpected unwrap'],
    ['sum({job="mysql"})', 'line 1, col 18: syntax error: unexpected )'],
    ['rate({ foo = "bar" }[5minutes])', 'line 1, col 21: unknown unit "minutes" in duration "5minutes"'],
    ['rate({ foo = "bar" }[5)', "line 1, col 21: missing closing ']' in duration"],
    ['min({ foo = "bar" }[5m])', 'line 1, col 20: syntax error: unexpected RANGE'],
    ['rate({a="b"}[])', 'not a valid duration string: ""'],
    ['rate(rate({a="b"}[1m]))', 'line 1, col 6: syntax error: unexpected RATE, expecting NUMBER or { or ('],
    ['rate({a="b"})', 'syntax error: unexpected ), expecting RANGE'],
    ['rate({a="b"}[1m] offset x)', 'unexpected IDENTIFIER, expecting DURATION'],
    [
      'label_replace(rate({ foo = "bar" }[5m]),"")',
      'line 1, col 43: syntax error: unexpected ), expecting ,',
    ],
    ['label_replace(vector(1),"a","b","c","(")', 'invalid regex in label_replace: error parsing regexp'],
    ['label_replace(vector(1),"1a","b","c","d")', 'invalid destination label name in label_replace: "1a"'],
    ['unk({a="b"}[5m])', 'line 1, col 1: syntax error: unexpected IDENTIFIER'],
    ['vector(rate({a="b"}[1m]))', 'syntax error: unexpected RATE, expecting NUMBER'],
    [
      'quantile_over_time(-1, {a="b"} | unwrap x [1m])',
      'line 1, col 20: syntax error: unexpected -, expecting NUMBER or { or (',
    ],
    ['quantile_over_time({a="b"} | unwrap x [1m])', 'parameter required for operation quantile_over_time'],
    ['rate(2, {a="b"}[1m])', 'parameter 2 not supported for operation rate'],
    ['rate({a="b"}[1m]) by (x)', 'grouping not allowed for rate aggregation'],
    ['sum(1)', 'sum aggregates a vector, got a number'],
    ['vector(1) and on (x) group_left vector(2)', 'no grouping allowed for and operation'],
    ['vector(1) +\n  vector(', 'line 2, col 10: syntax error: unexpected $end, expecting NUMBER'],
    ['{a="b"} | line_format "{{"', 'line 1, col 9: invalid line template'],
  ])('%s', (text, message) => {
    let thrown: unknown;
    try {
      parseExpr(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(QueryError);
    expect(thrown).toMatchObject({ kind: 'bad_data', message: expect.stringContaining(message) });
    expect((thrown as QueryError).message).toMatch(/^parse error at line \d+, col \d+: ./);
    expect((thrown as QueryError).position).toBeTypeOf('number');
  });

  it('refuses more stages than can be compiled in little time', () => {
    expect(() => parseExpr(`{a="b"}${' |~ "x{1000}"'.repeat(501)}`)).toThrow('more than 500 stages');
    expect(() => parseExpr(`{a="b"} |~ "x"${' or "x{1000}"'.repeat(500)}`)).toThrow('more than 500 stages');
    expect(parseExpr(`{a="b"}${' |= "x"'.repeat(500)}`)).toMatchObject({ kind: 'log' });
  });

  it('refuses a query that is too long', () => {
    expect(() => parseExpr(`{a="${'b'.repeat(131_072)}"}`)).toThrow('input size too long (131078 > 131072)');
  });

  it('refuses what is nested deeper than the stack bears', () => {
    expect(() => parseExpr('('.repeat(1000))).toThrow('nested deeper than 300 levels');
    expect(() => parseExpr(`${'vector(1)+'.repeat(5000)}1`)).toThrow('nested deeper than 600 levels');
  });

  it('tells logs from metrics, and selectors from queries', () => {
    expect(() => parseLogExpr('vector(1)')).toThrow('only log selector is supported');
    expect(() => parseSelector('{a="b"} |= "x"')).toThrow('unexpected |=');
    expect(parseSelector('{a="b", c!="d"}').map(({ name }) => name)).toEqual(['a', 'c']);
  });
});

/** Pieces that make nearly valid queries, hostile ones among them. */
const FRAGMENTS = [
  ...'{a="b"} { } ( ) [5m] [ ] | |= |~ |> != !~ = == =~ > < , - + * / ^ % "x" `y` "( 5 1.5s 3MB 0x1f json logfmt'.split(
    ' ',
  ),
  ...'unwrap rate( sum( topk(3, by (a) without or and unless on(a) bool offset 5m ip("::1") pattern "<a>" drop keep'.split(
    ' ',
  ),
  ...'line_format "{{.x}}" label_format x=y __proto__ constructor --strict # \n vector(1) label_replace( \u{1f600} \u0000 "\\xff" \\ ü'.split(
    ' ',
  ),
  '| line_format "{{',
  '# c\n',
];

describe('under hostile text', () => {
  const outcome = (text: string): 'parsed' | 'refused' => {
    try {
      formatExpr(parseExpr(text));
      return 'parsed';
    } catch (error) {
      expect(error).toBeInstanceOf(QueryError);
      return 'refused';
    }
  };

  it('throws nothing but a QueryError', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 })),
        (text) => {
          outcome(text);
          outcome(`{a="b"} ${text}`);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('survives nearly valid text', () => {
    let parsed = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 12 }), (parts) => {
        outcome(parts.join(' '));
        // Behind a selector also nothing at all is a query.
        if (outcome(`{a="b"} ${parts.join(' ')}`) === 'parsed') parsed++;
        outcome(`{a="b"}${parts.join('')}`);
      }),
      { numRuns: 600 },
    );
    expect(parsed).toBeGreaterThan(0);
  });

  it('neither hangs nor overflows on deep or long input', () => {
    for (const text of [
      '{a="b"} | (('.repeat(5000),
      `{a="b"} | ${'('.repeat(50_000)}`,
      `{a="b"}${' |= "x"'.repeat(20_000)}`,
      `{a="b"} | ${'x="1" or '.repeat(5000)}x="1"`,
      '9'.repeat(100_000),
      `rate({a="b"}[${'9'.repeat(50_000)}m])`,
      `{a="b"} |~ "${'('.repeat(2000)}"`,
      `{a="b"} | line_format "${'{{if .x}}'.repeat(3000)}"`,
      `sum(${'sum('.repeat(20_000)}`,
    ])
      outcome(text);
  });
});
