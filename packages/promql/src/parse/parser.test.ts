import { describe, expect, it } from 'vitest';
import { parseExpr, parseSelector } from './parser.ts';
import { formatExpr } from './printer.ts';
import { extractSelectors } from './selectors.ts';

/** Query, position and text, as Prometheus reports them. */
const MISTAKES: readonly (readonly [query: string, position: string, text: string])[] = [
  ['', '1:1', 'no expression found in input'],
  ['# just a comment\n\n', '1:1', 'no expression found in input'],
  ['1+', '1:3', 'unexpected end of input'],
  ['.', '1:1', "unexpected character: '.'"],
  ['2.5.', '1:1', 'bad number or duration syntax: "2.5."'],
  ['1 /', '1:4', 'unexpected end of input'],
  ['*1', '1:1', 'unexpected <op:*>'],
  ['(1))', '1:4', "unexpected right parenthesis ')'"],
  ['((1)', '1:5', 'unclosed left parenthesis'],
  ['(', '1:2', 'unclosed left parenthesis'],
  ['1 and 1', '1:1', 'set operator "and" not allowed in binary scalar expression'],
  ['1 == 1', '1:3', 'comparisons between scalars must use BOOL modifier'],
  ['1 or 1', '1:1', 'set operator "or" not allowed in binary scalar expression'],
  [
    '-"string"',
    '1:1',
    'unary expression only allowed on expressions of type scalar or instant vector, got "string"',
  ],
  [
    '-test[5m]',
    '1:1',
    'unary expression only allowed on expressions of type scalar or instant vector, got "range vector"',
  ],
  ['*test', '1:1', 'unexpected <op:*>'],
  [
    '1 offset 1d',
    '1:1',
    'offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
  ],
  ['foo offset 1s offset 2s', '1:1', 'offset may not be set multiple times'],
  ['a - on(b) ignoring(c) d', '1:11', 'unexpected <ignoring>'],
  ['foo or on(bar) group_left(baz) bar', '1:1', 'no grouping allowed for "or" operation'],
  ['foo + bool bar', '1:5', 'bool modifier can only be used on comparison operators'],
  [
    'http_requests{group="production"} + on(instance) group_left(job,instance) cpu_count{type="smp"}',
    '1:35',
    'label "instance" must not occur in ON and GROUP clause at once',
  ],
  ['{', '1:2', 'unexpected end of input inside braces'],
  ['}', '1:1', "unexpected character: '}'"],
  ['some{', '1:6', 'unexpected end of input inside braces'],
  ['some}', '1:5', "unexpected character: '}'"],
  ['some_metric{a=b}', '1:15', 'unexpected identifier "b" in label matching, expected string'],
  ['some_metric{a:b="b"}', '1:14', "unexpected character inside braces: ':'"],
  ['foo{a*"b"}', '1:6', "unexpected character inside braces: '*'"],
  ['foo{a>="b"}', '1:6', "unexpected character inside braces: '>'"],
  ['foo{gibberish}', '1:14', 'unexpected "}" in label matching, expected label matching operator'],
  ['foo{1}', '1:5', "unexpected character inside braces: '1'"],
  ['{}', '1:1', 'vector selector must contain at least one non-empty matcher'],
  ['{x=""}', '1:1', 'vector selector must contain at least one non-empty matcher'],
  ['foo{__name__="bar"}', '1:1', 'metric name must not be set twice: "foo" or "bar"'],
  ['foo{__name__= =="bar"}', '1:15', 'unexpected "=" in label matching, expected string'],
  ['foo[5mm]', '1:5', 'bad number or duration syntax: "5mm"'],
  ['foo[5m1]', '1:5', 'bad number or duration syntax: "5m1"'],
  [
    'foo["5m"]',
    '1:5',
    'unexpected string "\\"5m\\"" in subquery or range selector, expected number, duration, step(), or range()',
  ],
  [
    'foo[]',
    '1:5',
    'unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
  ],
  ['foo[5m30s:1m', '1:13', 'unclosed left bracket'],
  [
    'some_metric[5m] OFFSET',
    '1:23',
    'unexpected end of input in offset, expected number, duration, step(), or range()',
  ],
  ['some_metric OFFSET 1m[5m]', '1:22', 'no offset modifiers allowed before range'],
  ['(foo + bar)[5m]', '1:12', 'ranges only allowed for vector selectors'],
  ['sum by (test) (some_metric', '1:27', 'unclosed left parenthesis'],
  ['sum (some_metric) by test', '1:22', 'unexpected identifier "test" in grouping opts, expected "("'],
  ['sum some_metric by (test)', '1:5', 'unexpected identifier "some_metric"'],
  ['sum ()', '1:1', 'no arguments for aggregate expression provided'],
  ['MIN keep_common (some_metric)', '1:5', 'unexpected identifier "keep_common"'],
  ['sum without(==)(some_metric)', '1:13', 'unexpected <op:==> in grouping opts, expected label'],
  [
    'sum(other, some_metric)',
    '1:1',
    'wrong number of arguments for aggregate expression provided, expected 1, got 2',
  ],
  [
    'topk(some_metric)',
    '1:1',
    'wrong number of arguments for aggregate expression provided, expected 2, got 1',
  ],
  [
    'topk(some_metric, other_metric)',
    '1:6',
    'expected type scalar in aggregation parameter, got instant vector',
  ],
  ['count_values(5, other_metric)', '1:14', 'expected type string in aggregation parameter, got scalar'],
  ['floor()', '1:1', 'expected 1 argument(s) in call to "floor", got 0'],
  ['floor(some_metric, other)', '1:1', 'expected 1 argument(s) in call to "floor", got 2'],
  ['floor(some_metric, 1)', '1:1', 'expected 1 argument(s) in call to "floor", got 2'],
  ['hour(a,b,c)', '1:1', 'expected at most 1 argument(s) in call to "hour", got 3'],
  ['label_join()', '1:1', 'expected at least 3 argument(s) in call to "label_join", got 0'],
  ['rate(some_metric)', '1:6', 'expected type range vector in call to function "rate", got instant vector'],
  ['non_existent_function_far_bar()', '1:1', 'unknown function with name "non_existent_function_far_bar"'],
  ['rate(avg)', '1:6', 'expected type range vector in call to function "rate", got instant vector'],
  ['rate(foo[5m],)', '1:13', 'trailing commas not allowed in function call args'],
  ['"\\a\\b\\c"', '1:6', "unknown escape sequence U+0063 'c'"],
  ['`a', '1:1', 'unterminated raw string'],
  ['"a', '1:1', 'unterminated quoted string'],
  ['foo @ "a"', '1:7', 'unexpected string "\\"a\\"" in @, expected timestamp'],
  ['foo @ 1 @ 2', '1:1', '@ <timestamp> may not be set multiple times'],
  ['foo{a="b",,}', '1:11', 'unexpected "," in label matching, expected identifier or "}"'],
  ['a b', '1:3', 'unexpected identifier "b"'],
  ['1 2', '1:3', 'unexpected number "2"'],
  ['x[5m:', '1:6', 'unclosed left bracket'],
  ['foo{a!"b"}', '1:6', "unexpected character after '!' inside braces: '\"'"],
  ['5 $ 3', '1:3', "unexpected character: '$'"],
  ['é', '1:1', "unexpected character: 'é'"],
  ['"ü" + é', '1:8', "unexpected character: 'é'"],
];

function message(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'parsed';
}

describe('parse errors', () => {
  it.each(MISTAKES)('%j', (query, position, text) => {
    expect(message(() => parseExpr(query))).toBe(`${position}: parse error: ${text}`);
  });

  it('count lines, and columns in bytes', () => {
    expect(message(() => parseExpr('foo\n+ "ü" $'))).toBe("2:8: parse error: unexpected character: '$'");
  });

  it('carry RE2 reasons', () => {
    expect(message(() => parseExpr('x{a=~"("}'))).toMatch(
      /^1:3: parse error: error parsing regexp: missing closing \)/,
    );
    expect(message(() => parseExpr('x{a=~"(?=b)"}'))).toMatch(/^1:3: parse error: error parsing regexp/);
  });
});

describe('experimental syntax', () => {
  it.each([
    ['max_of(1, 2)', 'not enabled'],
    ['limitk(2, x)', 'limitk() is experimental and must be enabled'],
    ['x[5m * 2]', 'experimental duration expression is not enabled'],
    ['x offset (5m)', 'experimental duration expression is not enabled'],
    ['rate(x[5m] anchored)', 'anchored modifier is experimental'],
    ['a + fill(0) b', 'binop fill modifiers are experimental and not enabled'],
  ])('%s needs its option', (query, text) => {
    expect(message(() => parseExpr(query))).toContain(text);
  });

  it('keeps the words usable as metric names', () => {
    for (const name of [
      'fill',
      'start',
      'step',
      'range',
      'anchored',
      'limitk',
      'sum',
      'by',
      'offset',
      'max_of',
    ])
      expect(formatExpr(parseExpr(`${name} + 1`))).toBe(`${name} + 1`);
  });
});

describe('what is read', () => {
  it.each([
    ['1_000 + 0x1F + 017 + .5e1', '1000 + 31 + 15 + 5'],
    ['5m + 1h30m', '5m + 1h30m'],
    ['-1 ^ 2', '-1 ^ 2'],
    ['2 ^ 3 ^ 2', '2 ^ 3 ^ 2'],
    ["x{a='b\\'',c=`d\\`} # note", 'x{a="b\'",c="d\\\\"}'],
    ['{"a.b", "c d"=~"e.*"}', '{__name__="a.b","c d"=~"e.*"}'],
    ['SUM(x) BY ("a.b", c,)', 'sum by ("a.b", c) (x)'],
    ['sum without () (x)', 'sum without () (x)'],
    ['x offset -5m @ 1.5', 'x @ 1.500 offset -5m'],
    ['x[1h:] @ end()', 'x[1h:] @ end()'],
    ['a > BOOL on(x) GROUP_LEFT(y) b', 'a > bool on (x) group_left (y) b'],
    ['a and on() b', 'a and on () b'],
  ])('%s', (query, printed) => {
    expect(formatExpr(parseExpr(query))).toBe(printed);
  });
});

describe('selectors', () => {
  it('parse alone, with at least one matcher that does not match empty', () => {
    expect(parseSelector('up{job!=""}').map(({ name, op, value }) => [name, op, value])).toEqual([
      ['job', '!=', ''],
      ['__name__', '=', 'up'],
    ]);
    expect(message(() => parseSelector('{a=~".*"}'))).toBe(
      '1:1: parse error: vector selector must contain at least one non-empty matcher',
    );
    for (const text of ['', '1', 'up[5m]', 'up + 1', 'rate(up[5m])'])
      expect(message(() => parseSelector(text))).toMatch(/parse error/);
  });

  it('are extracted from a query', () => {
    const found = extractSelectors(parseExpr('sum(rate(a{x="1"}[5m])) / (b or vector(1))'));
    expect(found.map((matchers) => matchers.map(({ value }) => value))).toEqual([['1', 'a'], ['b']]);
  });
});
