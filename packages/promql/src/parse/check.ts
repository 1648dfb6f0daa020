import { quote } from '../text/quote.ts';
import type { Aggregate, Binary, Call, Expr, ValueType } from './ast.ts';
import { isComparison, isSetOperator, isTrim, unwrapParens } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { requireNonEmptyMatcher } from './selector.ts';
import { signatureOf } from './signatures.ts';

/** The type an expression evaluates to. */
export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'vector':
    case 'aggregate':
      return 'vector';
    case 'matrix':
    case 'subquery':
      return 'matrix';
    case 'paren':
    case 'unary':
      return typeOf(expr.expr);
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'vector';
    case 'call':
      return signatureOf(expr.func).returns;
  }
}

const TYPE_TEXT: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  vector: 'instant vector',
  matrix: 'range vector',
  string: 'string',
};

/**
 * Type-checks a tree bottom up, with Prometheus' messages, and returns it with vector matchings settled:
 * present exactly between two vectors, many-to-many for set operators.
 */
export function checkTypes(cursor: Cursor, expr: Expr): Expr {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr;
    case 'vector':
      requireNonEmptyMatcher(cursor, expr);
      return expr;
    case 'matrix':
      requireNonEmptyMatcher(cursor, expr.vector);
      return expr;
    case 'subquery': {
      const inner = checkTypes(cursor, expr.expr);
      const type = typeOf(inner);
      if (type !== 'vector')
        throw cursor.fail(expr.span, `subquery is only allowed on instant vector, got ${type} instead`);
      return { ...expr, expr: inner };
    }
    case 'paren':
      return { ...expr, expr: checkTypes(cursor, expr.expr) };
    case 'unary': {
      const inner = checkTypes(cursor, expr.expr);
      const type = typeOf(inner);
      if (type !== 'scalar' && type !== 'vector')
        throw cursor.fail(
          expr.span,
          `unary expression only allowed on expressions of type scalar or instant vector, got ${quote(TYPE_TEXT[type])}`,
        );
      return { ...expr, expr: inner };
    }
    case 'binary':
      return checkBinary(cursor, expr);
    case 'call':
      return checkCall(cursor, expr);
    case 'aggregate':
      return checkAggregate(cursor, expr);
  }
}

function expectType(cursor: Cursor, expr: Expr, wanted: ValueType, context: string): void {
  const type = typeOf(expr);
  if (type !== wanted)
    throw cursor.fail(expr.span, `expected type ${TYPE_TEXT[wanted]} in ${context}, got ${TYPE_TEXT[type]}`);
}

function checkAggregate(cursor: Cursor, expr: Aggregate): Aggregate {
  const inner = checkTypes(cursor, expr.expr);
  expectType(cursor, inner, 'vector', 'aggregation expression');
  if (expr.param === undefined) return { ...expr, expr: inner };
  const param = checkTypes(cursor, expr.param);
  expectType(cursor, param, expr.op === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
  return { ...expr, expr: inner, param };
}

function checkCall(cursor: Cursor, expr: Call): Call {
  const { args, variadic } = signatureOf(expr.func);
  const got = expr.args.length;
  const called = `argument(s) in call to ${quote(expr.func)}, got ${got}`;
  const fewest = variadic === 0 ? args.length : args.length - 1;
  if (variadic === 0 && got !== args.length)
    throw cursor.fail(expr.span, `expected ${args.length} ${called}`);
  if (got < fewest) throw cursor.fail(expr.span, `expected at least ${fewest} ${called}`);
  if (variadic > 0 && got > fewest + variadic)
    throw cursor.fail(expr.span, `expected at most ${fewest + variadic} ${called}`);
  if (expr.func === 'info') return checkInfo(cursor, expr);
  const checked = expr.args.map((arg, index) => {
    const wanted = args[Math.min(index, args.length - 1)] ?? 'vector';
    const inner = checkTypes(cursor, arg);
    expectType(cursor, inner, wanted, `call to function ${quote(expr.func)}`);
    return inner;
  });
  checkEdges(cursor, { ...expr, args: checked });
  return { ...expr, args: checked };
}

/** The second argument of `info` selects labels: no metric name before the braces, and nothing in them need be non-empty. */
function checkInfo(cursor: Cursor, expr: Call): Call {
  const [base, selector] = expr.args;
  if (base === undefined) return expr;
  const checked = checkTypes(cursor, base);
  expectType(cursor, checked, 'vector', `call to function ${quote(expr.func)}`);
  if (selector === undefined) return { ...expr, args: [checked] };
  if (selector.kind !== 'vector' || selector.name !== '')
    throw cursor.fail(selector.span, 'expected label selectors only');
  return { ...expr, args: [checked, selector] };
}

const EDGE_FUNCTIONS = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
} as const satisfies Record<string, readonly string[]>;

function checkEdges(cursor: Cursor, expr: Call): void {
  for (const arg of expr.args) {
    const matrix = unwrapParens(arg);
    if (matrix.kind !== 'matrix' || matrix.edges === 'plain') continue;
    const allowed: readonly string[] = EDGE_FUNCTIONS[matrix.edges];
    if (!allowed.includes(expr.func))
      throw cursor.fail(
        expr.span,
        `${matrix.edges} modifier can only be used with: ${allowed.join(', ')} - not with ${expr.func}`,
      );
  }
}

function checkBinary(cursor: Cursor, expr: Binary): Binary {
  const left = checkTypes(cursor, expr.left);
  const right = checkTypes(cursor, expr.right);
  const types = [typeOf(left), typeOf(right)];
  const comparison = isComparison(expr.op);
  const operatorAt = { start: skipSpace(cursor.text, left.span.end) };
  if (expr.returnBool && !comparison)
    throw cursor.fail(operatorAt, 'bool modifier can only be used on comparison operators');
  if (comparison && !expr.returnBool && types.every((type) => type === 'scalar'))
    throw cursor.fail(operatorAt, 'comparisons between scalars must use BOOL modifier');
  if (isTrim(expr.op) && typeOf(left) !== 'vector')
    throw cursor.fail(operatorAt, `operator ${expr.op} needs an instant vector of histograms on its left`);
  checkMatchingLabels(cursor, expr, operatorAt);
  for (const side of [left, right]) {
    const type = typeOf(side);
    if (type !== 'scalar' && type !== 'vector')
      throw cursor.fail(side.span, 'binary expression must contain only scalar and instant vector types');
  }
  const vectors = types.every((type) => type === 'vector');
  return { ...expr, left, right, matching: settleMatching(cursor, expr, vectors) };
}

function checkMatchingLabels(cursor: Cursor, expr: Binary, operatorAt: { start: number }): void {
  const { matching } = expr;
  if (matching === undefined || !matching.on) return;
  const twice = matching.labels.find((label) => matching.include.includes(label));
  if (twice !== undefined)
    throw cursor.fail(operatorAt, `label ${quote(twice)} must not occur in ON and GROUP clause at once`);
}

function settleMatching(cursor: Cursor, expr: Binary, vectors: boolean): Binary['matching'] {
  const { matching, op, span } = expr;
  if (matching === undefined) return undefined;
  const fills = matching.fillLeft !== undefined || matching.fillRight !== undefined;
  if (!vectors) {
    if (matching.labels.length > 0)
      throw cursor.fail(span, 'vector matching only allowed between instant vectors');
    if (fills) throw cursor.fail(span, 'filling in missing series only allowed between instant vectors');
    if (isSetOperator(op))
      throw cursor.fail(span, `set operator ${quote(op)} not allowed in binary scalar expression`);
    return undefined;
  }
  if (!isSetOperator(op)) return matching;
  if (matching.cardinality !== 'one-to-one')
    throw cursor.fail(span, `no grouping allowed for ${quote(op)} operation`);
  if (fills) throw cursor.fail(span, 'filling in missing series not allowed for set operators');
  return { ...matching, cardinality: 'many-to-many' };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}
