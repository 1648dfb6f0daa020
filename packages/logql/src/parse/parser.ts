import type { Matcher, QueryError } from '@pharos/promql';
import type { VectorMatching } from '@pharos/promql/vectors';
import type {
  Binary,
  BinaryOperator,
  Expr,
  Grouping,
  LogSelector,
  MetricExpr,
  RangeAggregation,
  VectorAggregation,
} from './ast.ts';
import { children, isScalar } from './ast.ts';
import { checkAggregation, checkLabelReplace, checkRangeAggregation } from './check.ts';
import { Cursor } from './cursor.ts';
import { numberOf } from './label-filter.ts';
import { parseLogRange, parseLogSelector, parseMatchers } from './log-selector.ts';
import type { Token } from './tokens.ts';
import { isAggregation, isRangeFunction } from './tokens.ts';

/** Binding powers, loosest first; `^` is right-associative. */
const POWER: ReadonlyMap<string, number> = new Map([
  ['or', 1],
  ['and', 2],
  ['unless', 2],
  ['==', 3],
  ['!=', 3],
  ['<', 3],
  ['>', 3],
  ['<=', 3],
  ['>=', 3],
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['%', 5],
  ['^', 6],
]);

/** Parses and checks a query. Throws a QueryError of kind `bad_data` with Loki's text. */
export function parseExpr(text: string): Expr {
  const cursor = new Cursor(text);
  const expr = parseBinary(cursor, 0, true);
  if (!cursor.is('eof')) throw cursor.unexpected();
  if (expr.kind !== 'log') requireShallow(cursor, expr);
  return expr;
}

/** Parses a query for logs; a metric query is refused. */
export function parseLogExpr(text: string): LogSelector {
  const expr = parseExpr(text);
  if (expr.kind === 'log') return expr;
  throw new Cursor(text).fail(expr.span.start, 'only log selector is supported');
}

/** Parses the matchers of a series selector, `{app="a"}`, without stages. */
export function parseSelector(text: string): readonly Matcher[] {
  const cursor = new Cursor(text);
  const matchers = parseMatchers(cursor);
  if (!cursor.is('eof')) throw cursor.unexpected();
  return matchers;
}

/** Operators in a row nest to the left: everything after the parser walks trees by recursion, within this depth. */
const MAX_TREE_DEPTH = 600;

function requireShallow(cursor: Cursor, root: MetricExpr): void {
  const open: { readonly expr: MetricExpr; readonly depth: number }[] = [{ expr: root, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { expr, depth } = next;
    if (depth > MAX_TREE_DEPTH)
      throw cursor.fail(expr.span.start, `expression nested deeper than ${MAX_TREE_DEPTH} levels`);
    for (const child of children(expr)) open.push({ expr: child, depth: depth + 1 });
  }
}

function parseMetric(cursor: Cursor): MetricExpr {
  const expr = parseBinary(cursor, 0, false);
  if (expr.kind === 'log') throw cursor.unexpected();
  return expr;
}

/** `allowLog`: a whole query, where a selector of logs is an answer too. */
function parseBinary(cursor: Cursor, minPower: number, allowLog: boolean): Expr {
  return cursor.nested(() => {
    const first = parsePrimary(cursor, allowLog);
    if (first.kind === 'log') {
      if (POWER.has(cursor.peek().text)) throw wrongLeg(cursor, 'left', cursor.peek(), first);
      if (!allowLog || !(cursor.is('eof') || cursor.is('operator', ')'))) throw cursor.unexpected();
      return first;
    }
    let left: MetricExpr = first;
    for (;;) {
      const token = cursor.peek();
      const power = token.type === 'operator' || token.type === 'keyword' ? POWER.get(token.text) : undefined;
      if (power === undefined || power < minPower) return left;
      cursor.next();
      const modifiers = parseModifiers(cursor, token);
      const right = parseBinary(cursor, token.text === '^' ? power : power + 1, true);
      if (right.kind === 'log') throw wrongLeg(cursor, 'right', token, right);
      left = makeBinary(cursor, token, left, right, modifiers);
    }
  });
}

function wrongLeg(cursor: Cursor, leg: 'left' | 'right', operator: Token, found: LogSelector): QueryError {
  return cursor.fail(
    found.span.start,
    `unexpected type for ${leg} leg of binary operation (${operator.text}): expected a metric query, got a log query`,
  );
}

type Modifiers = Pick<Binary, 'returnBool' | 'matching'>;

function makeBinary(
  cursor: Cursor,
  token: Token,
  left: MetricExpr,
  right: MetricExpr,
  modifiers: Modifiers,
): Binary {
  const op = token.text as BinaryOperator; // oxlint-disable-line typescript/no-unsafe-type-assertion -- POWER holds exactly the operators
  if (isSetWord(op)) {
    for (const [side, operand] of [
      ['left', left],
      ['right', right],
    ] as const)
      if (isScalar(operand))
        throw cursor.fail(
          operand.span.start,
          `unexpected literal for ${side} leg of logical/set binary operation (${op})${operand.kind === 'number' ? `: ${operand.value.toFixed(6)}` : ''}`,
        );
  }
  return {
    kind: 'binary',
    op,
    left,
    right,
    ...modifiers,
    span: { start: left.span.start, end: right.span.end },
  };
}

function isSetWord(op: string): boolean {
  return op === 'and' || op === 'or' || op === 'unless';
}

function parseModifiers(cursor: Cursor, operator: Token): Modifiers {
  const returnBool = cursor.accept('keyword', 'bool') !== undefined;
  let matching: VectorMatching = {
    cardinality: isSetWord(operator.text) ? 'many-to-many' : 'one-to-one',
    on: false,
    labels: [],
    include: [],
    fillLeft: undefined,
    fillRight: undefined,
  };
  const on = cursor.accept('keyword', 'on');
  if (on === undefined && cursor.accept('keyword', 'ignoring') === undefined) return { returnBool, matching };
  matching = { ...matching, on: on !== undefined, labels: parseNames(cursor) };
  const grouped = cursor.peek();
  const left = cursor.accept('keyword', 'group_left');
  if (left !== undefined || cursor.accept('keyword', 'group_right') !== undefined) {
    if (isSetWord(operator.text))
      throw cursor.fail(grouped.start, `no grouping allowed for ${operator.text} operation`);
    const include = cursor.is('operator', '(') ? parseNames(cursor) : [];
    matching = { ...matching, cardinality: left === undefined ? 'one-to-many' : 'many-to-one', include };
  }
  return { returnBool, matching };
}

function parseNames(cursor: Cursor): readonly string[] {
  cursor.expectSign('(');
  const names: string[] = [];
  if (cursor.accept('operator', ')') !== undefined) return names;
  do names.push(cursor.expectName(')').text);
  while (cursor.accept('operator', ',') !== undefined);
  if (!cursor.is('operator', ')')) throw cursor.unexpected(',', ')');
  cursor.next();
  return names;
}

function parsePrimary(cursor: Cursor, allowLog: boolean): Expr {
  const token = cursor.peek();
  if (token.type === 'operator') {
    if (token.text === '{') return parseLogSelector(cursor);
    if (token.text === '(') {
      cursor.next();
      const inner = parseBinary(cursor, 0, allowLog);
      cursor.expectSign(')');
      return inner;
    }
    if (token.text === '-' || token.text === '+') {
      cursor.next();
      if (!cursor.is('number')) throw cursor.unexpected('NUMBER');
      const value = numberOf(cursor, cursor.next());
      return {
        kind: 'number',
        value: token.text === '-' ? -value : value,
        span: { start: token.start, end: cursor.lastEnd },
      };
    }
  }
  if (token.type === 'number') {
    cursor.next();
    return { kind: 'number', value: numberOf(cursor, token), span: { start: token.start, end: token.end } };
  }
  if (token.type !== 'function') throw cursor.unexpected();
  return parseCall(cursor, token);
}

function parseCall(cursor: Cursor, token: Token): MetricExpr {
  const { text: name } = token;
  if (isRangeFunction(name)) {
    cursor.next();
    return parseRangeAggregation(cursor, token, name);
  }
  if (isAggregation(name)) {
    cursor.next();
    return parseAggregation(cursor, token, name);
  }
  if (name === 'vector') {
    cursor.next();
    cursor.expectSign('(');
    if (!cursor.is('number')) throw cursor.unexpected('NUMBER');
    const value = numberOf(cursor, cursor.next());
    cursor.expectSign(')');
    return { kind: 'vector', value, span: { start: token.start, end: cursor.lastEnd } };
  }
  if (name === 'label_replace') return parseLabelReplace(cursor);
  throw cursor.unexpected();
}

function parseLabelReplace(cursor: Cursor): MetricExpr {
  const { start } = cursor.next();
  cursor.expectSign('(');
  const expr = parseMetric(cursor);
  const texts: string[] = [];
  for (let i = 0; i < 4; i++) {
    cursor.expectSign(',');
    texts.push(cursor.expectString());
  }
  cursor.expectSign(')');
  const [target = '', replacement = '', source = '', pattern = ''] = texts;
  const node = { kind: 'label_replace', expr, target, replacement, source, pattern } as const;
  const whole = { ...node, span: { start, end: cursor.lastEnd } };
  checkLabelReplace(cursor, whole);
  return whole;
}

function parseGroupingIf(cursor: Cursor): Grouping | undefined {
  const without = cursor.is('keyword', 'without');
  if (!without && !cursor.is('keyword', 'by')) return undefined;
  cursor.next();
  return { without, labels: parseNames(cursor) };
}

function parseRangeAggregation(
  cursor: Cursor,
  token: Token,
  func: RangeAggregation['func'],
): RangeAggregation {
  cursor.expectSign('(');
  let param: number | undefined;
  if (cursor.is('number')) {
    param = numberOf(cursor, cursor.next());
    cursor.expectSign(',');
  }
  if (!cursor.is('operator', '{') && !cursor.is('operator', '(')) throw cursor.unexpected('NUMBER', '{', '(');
  const range = parseLogRange(cursor);
  cursor.expectSign(')');
  const grouping = parseGroupingIf(cursor);
  const node: RangeAggregation = {
    kind: 'range',
    func,
    ...range,
    param,
    grouping,
    span: { start: token.start, end: cursor.lastEnd },
  };
  checkRangeAggregation(cursor, node);
  return node;
}

function parseAggregation(cursor: Cursor, token: Token, op: VectorAggregation['op']): VectorAggregation {
  const before = parseGroupingIf(cursor);
  cursor.expectSign('(');
  let param: number | undefined;
  let expr = parseMetric(cursor);
  if (cursor.is('operator', ',')) {
    if (expr.kind !== 'number') throw cursor.unexpected(')');
    cursor.next();
    param = expr.value;
    expr = parseMetric(cursor);
  }
  cursor.expectSign(')');
  const grouping = before ?? parseGroupingIf(cursor);
  const node: VectorAggregation = {
    kind: 'aggregate',
    op,
    expr,
    param,
    grouping,
    span: { start: token.start, end: cursor.lastEnd },
  };
  checkAggregation(cursor, node);
  return node;
}
