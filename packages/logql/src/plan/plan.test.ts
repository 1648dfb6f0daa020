import { describe, expect, it } from 'vitest';
import type { MetricExpr } from '../parse/ast.ts';
import { parseExpr, parseLogExpr } from '../parse/parser.ts';
import { isStoredGrouping, planSelection, selectorsOf, summedRange } from './plan.ts';
import { wantedLabels } from './wanted.ts';

const metric = (text: string): MetricExpr => {
  const expr = parseExpr(text);
  if (expr.kind === 'log') throw new TypeError('a log query');
  return expr;
};

describe('what a storage can do', () => {
  it.each([
    ['{a="b"}', 0, 0, true],
    ['{a="b"} |= "x" != "y" |~ "z"', 3, 0, true],
    ['{a="b"} |= "x" | lvl="e" or b!="c" |= "y"', 2, 1, true],
    ['{a="b"} | json |= "x"', 1, 0, false],
    ['{a="b"} | json | lvl="e"', 0, 0, false],
    ['{a="b"} | line_format "x" |= "x"', 0, 0, false],
    ['{a="b"} | decolorize |= "x" | lvl="e"', 0, 1, false],
    ['{a="b"} | unpack |= "x" | lvl="e"', 0, 0, false],
    ['{a="b"} | n > 5 |= "x"', 1, 0, false],
    ['{a="b"} | __error__=""', 0, 0, false],
    ['{a="b"} |= "x" | drop __error__, __error_details__ | lvl="e"', 1, 1, true],
    ['{a="b"} | drop __error__, lvl | lvl="e"', 0, 0, false],
    ['{a="b"} | x_extracted="y"', 0, 0, false],
    ['{a="b"} | lvl="e" and n > 5', 0, 0, false],
  ])('%s', (query, lines, labels, exact) => {
    const plan = planSelection(parseLogExpr(query));
    expect([plan.lineFilters.length, plan.labelFilters.length, plan.exact]).toEqual([lines, labels, exact]);
  });

  it('adds up by labels that are stored', () => {
    expect(isStoredGrouping(undefined)).toBe(true);
    expect(isStoredGrouping({ without: false, labels: ['a'] })).toBe(true);
    expect(isStoredGrouping({ without: false, labels: ['a_extracted'] })).toBe(false);
    expect(isStoredGrouping({ without: true, labels: ['a'] })).toBe(false);
  });
});

it('sums counts as they are made, and nothing else', () => {
  expect(summedRange(metric('sum by (x) (rate({a="b"}[1m]))'))?.grouping).toEqual({
    without: false,
    labels: ['x'],
  });
  for (const other of [
    'avg(rate({a="b"}[1m]))',
    'sum(rate({a="b"} | unwrap x [1m]))',
    'sum(absent_over_time({a="b"}[1m]))',
    'sum(vector(1))',
  ])
    expect(summedRange(metric(other)), other).toBeUndefined();
});

it('finds every selector of a query', () => {
  const query = 'sum(rate({a="1"}[1m])) / label_replace(rate({a="2"} |= "x" [1m]), "a", "b", "c", "d")';
  expect(selectorsOf(parseExpr(query)).map(({ matchers }) => matchers[0]?.value)).toEqual(['1', '2']);
  expect(selectorsOf(parseExpr('{a="3"}'))).toHaveLength(1);
});

it.each([
  ['sum by (x) (rate({a="b"} | json | y="1" or z > 5 [1m]))', ['x', 'y', 'z']],
  ['sum by (x) (rate({a="b"} | json | line_format "{{.q}}" [1m]))', undefined],
  ['sum without (x) (rate({a="b"} | json [1m]))', undefined],
  ['avg_over_time({a="b"} | json | unwrap v | w="1" [1m]) by (x)', ['x', 'v', 'w']],
])('knows which labels %s asks for', (query, wanted) => {
  const expr = metric(query);
  const range = summedRange(expr)?.range ?? expr;
  if (range.kind !== 'range') throw new TypeError('no range');
  const names = wantedLabels(range, summedRange(expr)?.grouping ?? range.grouping);
  expect(names === undefined ? undefined : [...names]).toEqual(wanted);
});
