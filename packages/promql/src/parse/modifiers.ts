import type { AtModifier, Duration, DurationExpr, Expr, MatrixSelector, VectorSelector } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseDurationExpr, parseSignedDuration } from './duration-expr.ts';
import { numberValue } from './literals.ts';

const PRECEDED = 'must be preceded by an instant vector selector or range vector selector or a subquery';

/** Everything that binds to the expression before it: `[range]`, `[range:step]`, `offset`, `@`, edge modifiers. */
export function parsePostfix(cursor: Cursor, primary: Expr): Expr {
  let expr = primary;
  for (;;) {
    const token = cursor.peek();
    if (token.type === '[') expr = parseBrackets(cursor, expr);
    else if (token.type === '@') expr = parseAt(cursor, expr);
    else if (token.type === 'keyword' && token.word === 'offset') expr = parseOffset(cursor, expr);
    else if (token.type === 'keyword' && (token.word === 'anchored' || token.word === 'smoothed'))
      expr = parseEdges(cursor, expr, token.word);
    else return expr;
  }
}

function parseBrackets(cursor: Cursor, expr: Expr): Expr {
  const open = cursor.next();
  const range = parsePositive(cursor);
  if (cursor.accept(':') !== undefined) {
    const step = cursor.peek().type === ']' ? 0 : parsePositive(cursor);
    cursor.expect(']', 'subquery selector', '"]"');
    return {
      kind: 'subquery',
      expr,
      range,
      step,
      offset: 0,
      at: undefined,
      span: { start: expr.span.start, end: cursor.lastEnd },
    };
  }
  cursor.expect(']', 'subquery or range', '":" or "]"');
  if (expr.kind !== 'vector') throw cursor.fail(open, 'ranges only allowed for vector selectors');
  if (expr.offset !== 0) throw cursor.fail(open, 'no offset modifiers allowed before range');
  if (expr.at !== undefined) throw cursor.fail(open, 'no @ modifiers allowed before range');
  const span = { start: expr.span.start, end: cursor.lastEnd };
  return { kind: 'matrix', vector: expr, range, edges: 'plain', span };
}

function parsePositive(cursor: Cursor): Duration {
  const at = cursor.peek();
  const duration = literalMs(parseDurationExpr(cursor));
  if (typeof duration === 'number' && !(duration > 0))
    throw cursor.fail(at, 'duration must be greater than 0');
  return duration;
}

/** A lone literal is a plain number of ms; everything else waits for the plan. */
function literalMs(expr: DurationExpr): Duration {
  if (expr.kind === 'literal') return Math.round(expr.seconds * 1000);
  if (expr.kind === 'negate' && expr.operand.kind === 'literal')
    return -Math.round(expr.operand.seconds * 1000);
  return expr;
}

function parseOffset(cursor: Cursor, expr: Expr): Expr {
  cursor.next();
  const offset = literalMs(parseSignedDuration(cursor));
  const end = cursor.lastEnd;
  if (expr.kind === 'vector' || expr.kind === 'subquery') {
    if (expr.offset !== 0) throw cursor.fail(expr.span, 'offset may not be set multiple times');
    return { ...expr, offset, span: { start: expr.span.start, end } };
  }
  if (expr.kind !== 'matrix') throw cursor.fail(expr.span, `offset modifier ${PRECEDED}`);
  if (expr.vector.offset !== 0) throw cursor.fail(expr.span, 'offset may not be set multiple times');
  return { ...expr, vector: { ...expr.vector, offset }, span: { start: expr.span.start, end } };
}

function parseAt(cursor: Cursor, expr: Expr): Expr {
  cursor.next();
  const at = parseAtValue(cursor);
  const end = cursor.lastEnd;
  if (expr.kind === 'vector' || expr.kind === 'subquery') {
    if (expr.at !== undefined) throw cursor.fail(expr.span, '@ <timestamp> may not be set multiple times');
    return { ...expr, at, span: { start: expr.span.start, end } };
  }
  if (expr.kind !== 'matrix') throw cursor.fail(expr.span, `@ modifier ${PRECEDED}`);
  if (expr.vector.at !== undefined)
    throw cursor.fail(expr.span, '@ <timestamp> may not be set multiple times');
  return { ...expr, vector: { ...expr.vector, at }, span: { start: expr.span.start, end } };
}

/** Beyond this many ms a time no longer fits Prometheus' int64 milliseconds. */
const MAX_TIME_MS = 9.2e18;

function parseAtValue(cursor: Cursor): AtModifier {
  const token = cursor.peek();
  if (token.type === 'keyword' && (token.word === 'start' || token.word === 'end')) {
    cursor.next();
    cursor.expect('(', '@', 'timestamp');
    cursor.expect(')', '@', 'timestamp');
    return { kind: token.word };
  }
  let sign = 1;
  if (token.type === 'operator' && (token.text === '-' || token.text === '+')) {
    cursor.next();
    if (token.text === '-') sign = -1;
  }
  const number = cursor.expect('number', '@', 'timestamp');
  const seconds = sign * numberValue(cursor, number);
  if (!(Math.abs(seconds * 1000) < MAX_TIME_MS))
    throw cursor.fail(number, `timestamp out of bounds for @ modifier: ${seconds}`);
  return { kind: 'time', ms: Math.round(seconds * 1000) };
}

function parseEdges(
  cursor: Cursor,
  expr: Expr,
  edges: 'anchored' | 'smoothed',
): MatrixSelector | VectorSelector {
  const token = cursor.next();
  if (cursor.options.extendedRangeSelectors !== true)
    throw cursor.fail(
      token,
      `${edges} modifier is experimental and not enabled, it needs the promql-extended-range-selectors feature`,
    );
  if (expr.kind === 'vector' && edges === 'smoothed' && !expr.smoothed)
    return { ...expr, smoothed: true, span: { start: expr.span.start, end: cursor.lastEnd } };
  if (expr.kind !== 'matrix' || expr.edges !== 'plain')
    throw cursor.fail(expr.span, `${edges} modifier must be preceded by a range vector selector`);
  return { ...expr, edges, span: { start: expr.span.start, end: cursor.lastEnd } };
}
