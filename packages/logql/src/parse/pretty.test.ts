import fc from 'fast-check';
import { expect, it } from 'vitest';
import { query } from '../testing/random-queries.ts';
import { parseExpr } from './parser.ts';
import { prettyExpr } from './pretty.ts';
import { formatExpr } from './printer.ts';

it('leaves short queries on one line', () => {
  expect(prettyExpr(parseExpr('sum(rate({a="b"}[1m]))'))).toBe('sum(rate({a="b"} [1m]))');
});

it('breaks long ones by their structure', () => {
  const long = `topk(3, sum by (app) (rate({app="frontend", env=~"prod|staging"} |= "error" | json | level="error" [5m] offset 1h)))
    / on (app) group_left (env) quantile_over_time(0.99, {app="frontend"} | logfmt | unwrap duration(took) | __error__="" [5m]) by (app)`;
  expect(prettyExpr(parseExpr(long))).toBe(`  topk(
    3,
    sum by (app) (
      rate({app="frontend", env=~"prod|staging"} |= "error" | json | level="error" [5m] offset 1h)
    )
  )
/ on (app) group_left (env)
  quantile_over_time(
    0.99,
    {app="frontend"}
      | logfmt
      | unwrap duration(took)
      | __error__=""
      [5m]
  ) by (app)`);
  expect(prettyExpr(parseExpr(`{app="a"} |= "${'x'.repeat(60)}" != "${'y'.repeat(60)}"`))).toBe(
    `{app="a"}\n  |= "${'x'.repeat(60)}"\n  != "${'y'.repeat(60)}"`,
  );
});

it('reads back as the same query', () => {
  fc.assert(
    fc.property(query, (expr) => {
      expect(formatExpr(parseExpr(prettyExpr(expr)))).toBe(formatExpr(expr));
    }),
    { numRuns: 200 },
  );
});
