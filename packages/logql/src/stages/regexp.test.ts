import { expect, it } from 'vitest';
import { parseLogExpr } from '../parse/parser.ts';
import { runStages } from '../testing/run-stages.ts';

it('takes the named groups of the first match', () => {
  const { labels } = runStages('| regexp `(?P<m>\\w+) (?P<p>/\\S*)(?: (?P<no>x))?`', 'GET /a POST /b', {
    stream: {},
  });
  expect(labels).toEqual({ m: 'GET', p: '/a', no: '' });
  expect(runStages('| regexp `(?P<n>\\d+)`', 'none')).toMatchObject({ kept: true, labels: { app: 'a' } });
});

it('refuses patterns without names, with one twice, and that are none', () => {
  expect(() => parseLogExpr('{a="b"} | regexp "x"')).toThrow('at least one named capture');
  expect(() => parseLogExpr('{a="b"} | regexp "(?P<x>.)(?P<x>.)"')).toThrow(
    "duplicate extracted label name 'x'",
  );
  expect(() => parseLogExpr('{a="b"} | regexp "(?P<x>"')).toThrow('error parsing regexp');
});
