import { isLabelName } from '../label-name.ts';
import type { Matcher } from '../matcher.ts';
import { quote } from '../text/quote.ts';
import type { Aggregate, Binary, BinaryOperator, Expr, VectorMatching } from './ast.ts';
import { children } from './ast.ts';
import { checkTypes } from './check.ts';
import type { ParserOptions } from './cursor.ts';
import { Cursor } from './cursor.ts';
import { durationMs, numberValue, stringValue } from './literals.ts';
import { parsePostfix } from './modifiers.ts';
import { parseVectorSelector, requireNonEmptyMatcher } from './selector.ts';
import { isFunctionName, signatureOf } from './signatures.ts';
import type { Token } from './tokens.ts';
import { isAggregator } from './tokens.ts';

/**
 * Binding powers, loosest first (compat §7). `^` is right-associative; a sign binds tighter than `*` and
 * looser than `^`, so `-2 ^ 2` is -4.
 */
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
  ['</', 3],
  ['>/', 3],
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['%', 5],
  ['atan2', 5],
  ['^', 7],
]);
const SIGN_POWER = 6;

/** Parses and type-checks a query. Throws a QueryError of kind `bad_data` with Prometheus' text. */
export function parseExpr(text: string, options: ParserOptions = {}): Expr {
  const cursor = new Cursor(text, options);
  if (cursor.peek().type === 'eof') throw cursor.fail({ start: 0 }, 'no expression found in input');
  const expr = parseBinary(cursor, 0);
  if (cursor.peek().type !== 'eof') throw cursor.unexpected();
  requireShallow(cursor, expr);
  return checkTypes(cursor, expr);
}

/** Operators in a row nest to the left: everything after the parser walks trees by recursion, within this depth. */
const MAX_TREE_DEPTH = 1000;

function requireShallow(cursor: Cursor, root: Expr): void {
  const open: { readonly expr: Expr; readonly depth: number }[] = [{ expr: root, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { expr, depth } = next;
    if (depth > MAX_TREE_DEPTH)
      throw cursor.fail(expr.span, `expression nested deeper than ${MAX_TREE_DEPTH} levels`);
    for (const child of children(expr)) open.push({ expr: child, depth: depth + 1 });
  }
}

/** Parses one series selector of the API (`match[]`): a name, matchers or both, at least one not matching empty. */
export function parseSelector(text: string): readonly Matcher[] {
  const cursor = new Cursor(text, {});
  const token = cursor.peek();
  const named = token.type !== '{' && isMetricName(token);
  if (!named && token.type !== '{') throw cursor.unexpected();
  const selector = parseVectorSelector(cursor, named ? cursor.next() : undefined);
  if (cursor.peek().type !== 'eof') throw cursor.unexpected();
  requireNonEmptyMatcher(cursor, selector);
  return selector.matchers;
}

function parseBinary(cursor: Cursor, minPower: number): Expr {
  return cursor.nested(() => {
    let left = parseUnary(cursor);
    for (;;) {
      const token = cursor.peek();
      const power = token.type === 'operator' ? POWER.get(token.word) : undefined;
      if (power === undefined || power < minPower) return left;
      if (isTrimToken(token) && cursor.options.trimOperators !== true)
        throw cursor.fail(token, `operator ${token.text} is experimental and not enabled`);
      cursor.next();
      const modifiers = parseBinaryModifiers(cursor);
      const right = parseBinary(cursor, token.word === '^' ? power : power + 1);
      left = makeBinary(token, left, right, modifiers);
    }
  });
}

function isTrimToken({ text }: Token): boolean {
  return text === '</' || text === '>/';
}

function makeBinary(token: Token, left: Expr, right: Expr, modifiers: BinaryModifiers): Binary {
  return {
    kind: 'binary',
    op: token.word as BinaryOperator, // oxlint-disable-line typescript/no-unsafe-type-assertion -- POWER holds exactly the operators
    left,
    right,
    returnBool: modifiers.returnBool,
    matching: modifiers.matching,
    span: { start: left.span.start, end: right.span.end },
  };
}

interface BinaryModifiers {
  readonly returnBool: boolean;
  readonly matching: VectorMatching;
}

function parseBinaryModifiers(cursor: Cursor): BinaryModifiers {
  const returnBool = cursor.accept('keyword', 'bool') !== undefined;
  let matching: VectorMatching = {
    cardinality: 'one-to-one',
    on: false,
    labels: [],
    include: [],
    fillLeft: undefined,
    fillRight: undefined,
  };
  const on = cursor.accept('keyword', 'on');
  if (on !== undefined || cursor.accept('keyword', 'ignoring') !== undefined) {
    matching = { ...matching, on: on !== undefined, labels: parseGrouping(cursor) };
    const left = cursor.accept('keyword', 'group_left');
    if (left !== undefined || cursor.accept('keyword', 'group_right') !== undefined) {
      const include = cursor.peek().type === '(' ? parseGrouping(cursor) : [];
      matching = { ...matching, cardinality: left === undefined ? 'one-to-many' : 'many-to-one', include };
    }
  }
  return { returnBool, matching: parseFill(cursor, matching) };
}

/** `fill(v)`, `fill_left(v)`, `fill_right(v)`: keywords only here and only before a parenthesis. */
function parseFill(cursor: Cursor, matching: VectorMatching): VectorMatching {
  let { fillLeft, fillRight } = matching;
  for (;;) {
    const token = cursor.peek();
    const word = token.text.toLowerCase();
    const isFill = token.type === 'identifier' && /^fill(?:_left|_right)?$/.test(word);
    if (!isFill || !cursor.parenFollows(token)) return { ...matching, fillLeft, fillRight };
    if (cursor.options.fillModifiers !== true)
      throw cursor.fail(token, 'binop fill modifiers are experimental and not enabled');
    cursor.next();
    cursor.next();
    const minus = cursor.accept('operator', '-') !== undefined;
    if (!minus) cursor.accept('operator', '+');
    const number = cursor.peek();
    if (number.type !== 'number' && number.type !== 'duration')
      throw cursor.unexpected('fill modifier', 'number');
    cursor.next();
    const size = number.type === 'number' ? numberValue(cursor, number) : durationMs(cursor, number) / 1000;
    const value = minus ? -size : size;
    cursor.expect(')', 'fill modifier', '")"');
    if (word !== 'fill_right') fillLeft = value;
    if (word !== 'fill_left') fillRight = value;
  }
}

function parseUnary(cursor: Cursor): Expr {
  const token = cursor.peek();
  if (token.type !== 'operator' || (token.text !== '-' && token.text !== '+'))
    return parsePostfix(cursor, parsePrimary(cursor));
  cursor.next();
  const expr = parseBinary(cursor, SIGN_POWER);
  const span = { start: token.start, end: expr.span.end };
  if (expr.kind === 'number') return { ...expr, value: token.text === '-' ? -expr.value : expr.value, span };
  return { kind: 'unary', op: token.text, expr, span };
}

function parsePrimary(cursor: Cursor): Expr {
  const token = cursor.peek();
  const { type } = token;
  if (type === '(') return parseParen(cursor);
  if (type === '{') return parseVectorSelector(cursor, undefined);
  if (type !== 'number' && type !== 'duration' && type !== 'string') return parseNamed(cursor, token);
  cursor.next();
  const span = { start: token.start, end: token.end };
  if (type === 'string') return { kind: 'string', value: stringValue(cursor, token), span };
  if (type === 'number')
    return { kind: 'number', value: numberValue(cursor, token), asDuration: false, span };
  return { kind: 'number', value: durationMs(cursor, token) / 1000, asDuration: true, span };
}

function parseParen(cursor: Cursor): Expr {
  const open = cursor.next();
  const expr = parseBinary(cursor, 0);
  const close = cursor.expect(')', '', '');
  return { kind: 'paren', expr, span: { start: open.start, end: close.end } };
}

/** Keywords of operators' modifiers can never be metric names; all other words can. */
const NEVER_NAMES: ReadonlySet<string> = new Set([
  'bool',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'atan2',
]);

function isMetricName(token: Token): boolean {
  const { type, word } = token;
  if (type === 'identifier' || type === 'metric-identifier' || type === 'aggregator') return true;
  return (type === 'keyword' || type === 'operator') && /^[a-z]/.test(word) && !NEVER_NAMES.has(word);
}

function parseNamed(cursor: Cursor, token: Token): Expr {
  if (!isMetricName(token)) throw cursor.unexpected();
  cursor.next();
  const after = cursor.peek();
  if (token.type === 'aggregator') {
    if (after.type === '(' || isGroupingWord(after)) return parseAggregate(cursor, token);
  } else if (after.type === '(' && token.type !== 'metric-identifier' && token.type !== 'operator') {
    return parseCall(cursor, token);
  }
  return parseVectorSelector(cursor, token);
}

function parseCall(cursor: Cursor, name: Token): Expr {
  const func = name.text;
  if (!isFunctionName(func)) throw cursor.fail(name, `unknown function with name ${quote(func)}`);
  if (signatureOf(func).experimental && cursor.options.experimentalFunctions !== true)
    throw cursor.fail(
      name,
      `function ${quote(func)} is not enabled, it needs --enable-feature=promql-experimental-functions`,
    );
  const args = parseArguments(cursor);
  return { kind: 'call', func, args, span: { start: name.start, end: cursor.lastEnd } };
}

function parseArguments(cursor: Cursor): readonly Expr[] {
  cursor.next();
  const args: Expr[] = [];
  if (cursor.accept(')') !== undefined) return args;
  for (;;) {
    args.push(parseBinary(cursor, 0));
    const comma = cursor.accept(',');
    if (comma === undefined) break;
    if (cursor.peek().type === ')')
      throw cursor.fail(comma, 'trailing commas not allowed in function call args');
  }
  cursor.expect(')', '', '');
  return args;
}

function isGroupingWord(token: Token): boolean {
  return token.type === 'keyword' && (token.word === 'by' || token.word === 'without');
}

function parseAggregate(cursor: Cursor, name: Token): Aggregate {
  const op = name.word;
  if (!isAggregator(op)) throw cursor.unexpected();
  let grouping: readonly string[] = [];
  let without = false;
  const parseModifier = (): void => {
    without = cursor.next().word === 'without';
    grouping = parseGrouping(cursor);
  };
  const before = isGroupingWord(cursor.peek());
  if (before) parseModifier();
  if (cursor.peek().type !== '(') throw cursor.unexpected('aggregation');
  const args = parseArguments(cursor);
  if (!before && isGroupingWord(cursor.peek())) parseModifier();
  const span = { start: name.start, end: cursor.lastEnd };
  if (args.length === 0) throw cursor.fail(span, 'no arguments for aggregate expression provided');
  if ((op === 'limitk' || op === 'limit_ratio') && cursor.options.experimentalFunctions !== true)
    throw cursor.fail(
      span,
      `${op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`,
    );
  const wanted = PARAMETRISED.has(op) ? 2 : 1;
  const expr = args[wanted - 1];
  if (args.length !== wanted || expr === undefined)
    throw cursor.fail(
      span,
      `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
    );
  return { kind: 'aggregate', op, expr, param: wanted === 2 ? args[0] : undefined, grouping, without, span };
}

const PARAMETRISED: ReadonlySet<string> = new Set([
  'topk',
  'bottomk',
  'quantile',
  'count_values',
  'limitk',
  'limit_ratio',
]);

/** `(a, b, "c.d")`: names of labels; words with a meaning elsewhere are names here. */
function parseGrouping(cursor: Cursor): readonly string[] {
  cursor.expect('(', 'grouping opts', '"("');
  const names: string[] = [];
  while (cursor.accept(')') === undefined) {
    const token = cursor.peek();
    const name = groupingName(cursor, token);
    if (name === undefined) throw cursor.unexpected('grouping opts', 'label');
    cursor.next();
    names.push(name);
    if (cursor.accept(',') === undefined && cursor.peek().type !== ')')
      throw cursor.unexpected('grouping opts', '"," or ")"');
  }
  return names;
}

function groupingName(cursor: Cursor, token: Token): string | undefined {
  if (token.type === 'string') {
    const name = stringValue(cursor, token);
    return isLabelName(name) ? name : undefined;
  }
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(token.text) && token.type !== 'number' ? token.text : undefined;
}
