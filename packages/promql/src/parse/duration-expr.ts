import type { DurationExpr } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { durationMs, numberValue } from './literals.ts';

/**
 * What may stand in `[]` and after `offset`: a duration or a number of seconds and, with
 * `durationExpressions`, arithmetic over them, `step()`, `range()`, `min_of(a, b)` and `max_of(a, b)`.
 */
const EXPECTED = 'number, duration, step(), or range()';

const POWER: ReadonlyMap<string, number> = new Map([
  ['+', 1],
  ['-', 1],
  ['*', 2],
  ['/', 2],
  ['%', 2],
  ['^', 4],
]);
/** A sign binds looser than `^` and tighter than `*`. */
const SIGN_POWER = 3;

export function parseDurationExpr(cursor: Cursor): DurationExpr {
  const start = cursor.peek();
  const expr = parseBinary(cursor, 0);
  const simple = expr.kind === 'literal' || (expr.kind === 'negate' && expr.operand.kind === 'literal');
  if (!simple && cursor.options.durationExpressions !== true)
    throw cursor.fail(start, 'experimental duration expression is not enabled');
  return expr;
}

/** After `offset`: a signed literal or a parenthesised expression; operators belong to the query around it. */
export function parseSignedDuration(cursor: Cursor): DurationExpr {
  const start = cursor.peek();
  const negative = cursor.accept('operator', '-') !== undefined;
  if (!negative) cursor.accept('operator', '+');
  const operand = parsePrimary(cursor, 'offset');
  if (operand.kind !== 'literal' && cursor.options.durationExpressions !== true)
    throw cursor.fail(start, 'experimental duration expression is not enabled');
  return negative ? { kind: 'negate', operand } : operand;
}

function parseBinary(cursor: Cursor, minPower: number): DurationExpr {
  return cursor.nested(() => {
    let left = parseUnary(cursor);
    for (;;) {
      const token = cursor.peek();
      const power = token.type === 'operator' ? POWER.get(token.text) : undefined;
      if (power === undefined || power < minPower) return left;
      cursor.next();
      const right = parseBinary(cursor, token.text === '^' ? power : power + 1);
      left = { kind: operatorOf(token.text), left, right };
    }
  });
}

function operatorOf(text: string): '+' | '-' | '*' | '/' | '%' | '^' {
  switch (text) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return text;
    default:
      return '^';
  }
}

function parseUnary(cursor: Cursor): DurationExpr {
  if (cursor.accept('operator', '-') !== undefined)
    return { kind: 'negate', operand: parseBinary(cursor, SIGN_POWER) };
  if (cursor.accept('operator', '+') !== undefined) return parseBinary(cursor, SIGN_POWER);
  return parsePrimary(cursor, 'subquery or range selector');
}

function parsePrimary(cursor: Cursor, context: string): DurationExpr {
  const token = cursor.peek();
  if (token.type === 'number') {
    cursor.next();
    const seconds = numberValue(cursor, token);
    if (!(Math.abs(seconds) < 9.2e9)) throw cursor.fail(token, 'duration out of range');
    return { kind: 'literal', seconds, asDuration: false };
  }
  if (token.type === 'duration') {
    cursor.next();
    return { kind: 'literal', seconds: durationMs(cursor, token) / 1000, asDuration: true };
  }
  if (token.type === '(') {
    cursor.next();
    const operand = parseBinary(cursor, 0);
    cursor.expect(')', context, '")"');
    return { kind: 'group', operand };
  }
  if ((token.word === 'step' || token.word === 'range') && token.type === 'keyword') {
    cursor.next();
    cursor.expect('(', context, EXPECTED);
    cursor.expect(')', context, EXPECTED);
    return { kind: token.word };
  }
  if (token.type === 'identifier' && /^(?:min|max)_of$/i.test(token.text)) {
    cursor.next();
    cursor.expect('(', context, '"("');
    const left = parseBinary(cursor, 0);
    cursor.expect(',', context, '","');
    const right = parseBinary(cursor, 0);
    cursor.expect(')', context, '")"');
    return { kind: token.text.toLowerCase() === 'min_of' ? 'min_of' : 'max_of', left, right };
  }
  throw cursor.unexpected(context, EXPECTED);
}
