import { expect, it } from 'vitest';
import { parseLogExpr } from '../parse/parser.ts';
import { runStages } from '../testing/run-stages.ts';
import { compileLineTest } from './line_filter.ts';

it.each([
  ['|= "err"', 'an error', true],
  ['|= "ERR"', 'an error', false],
  ['|= ""', 'x', true],
  ['!= "err"', 'an error', false],
  ['|= "a" or "b"', 'cb', true],
  ['!= "a" or "b"', 'cb', false],
  ['|~ "e.r"', 'err', true],
  ['|~ "^rr"', 'err', false],
  ['!~ "(?i)ERR"', 'err', false],
  ['|~ "a.b"', 'a\nb', false],
  ['|> "a <_> c"', 'a b c', true],
  ['|> "a <_> c"', 'a  c', false],
  ['!> "<_>c"', 'abc', false],
  ['|= ip("10.0.0.0/8") or "x"', 'from 10.1.2.3:80', true],
  ['!= ip("10.0.0.0/8")', 'from 10.1.2.3:80', false],
  ['|= "a" |= "b"', 'a', false],
])('%s on %j is %s', (stage, line, kept) => {
  expect(runStages(stage, line).kept).toBe(kept);
});

it('refuses ip() where it means nothing, and patterns that are none', () => {
  expect(() => parseLogExpr('{a="b"} |~ ip("10.0.0.1")')).toThrow('ip: invalid operation');
  expect(() => parseLogExpr('{a="b"} |= ip("10.0.0.256")')).toThrow('ip: invalid pattern');
  expect(() => parseLogExpr('{a="b"} |~ "("')).toThrow('line 1, col 9: error parsing regexp');
  expect(() => parseLogExpr('{a="b"} |> "<x> <_>"')).toThrow('named captures are not allowed');
});

it('is a test of lines alone for whoever has no entries', () => {
  const test = compileLineTest({ op: '!=', terms: [{ kind: 'text', value: 'x' }] });
  expect([test('x'), test('y')]).toEqual([false, true]);
});
