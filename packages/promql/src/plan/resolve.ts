import { QueryError } from '../errors.ts';
import { floatOperator } from '../eval/binary/operators.ts';
import { METRIC_NAME } from '../labels.ts';
import { createMatcher } from '../matcher.ts';
import type {
  AtModifier,
  Binary,
  Call,
  Duration,
  DurationExpr,
  Expr,
  TimeModifiers,
  Unary,
} from '../parse/ast.ts';
import { isSetOperator, walk } from '../parse/ast.ts';
import { formatGeneral } from '../text/format-value.ts';
import type { PlanGrid } from './grids.ts';

/**
 * The tree with everything settled that depends only on the query's own grid: `@ start()` and `end()`,
 * duration expressions, and arithmetic between literals.
 */
export function resolve(expr: Expr, grid: PlanGrid): Expr {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr;
    case 'vector':
      return { ...expr, ...resolveTime(expr, grid) };
    case 'matrix': {
      const vector = { ...expr.vector, ...resolveTime(expr.vector, grid) };
      return { ...expr, vector, range: positive(expr.range, grid) };
    }
    case 'subquery':
      return {
        ...expr,
        ...resolveTime(expr, grid),
        expr: resolve(expr.expr, grid),
        range: positive(expr.range, grid),
        step: expr.step === 0 ? 0 : positive(expr.step, grid),
      };
    case 'paren': {
      const inner = resolve(expr.expr, grid);
      return inner.kind === 'number' ? inner : { ...expr, expr: inner };
    }
    case 'unary':
      return foldUnary({ ...expr, expr: resolve(expr.expr, grid) });
    case 'binary':
      return foldBinary({ ...expr, left: resolve(expr.left, grid), right: resolve(expr.right, grid) });
    case 'call':
      return resolveCall({ ...expr, args: expr.args.map((arg) => resolve(arg, grid)) });
    case 'aggregate': {
      const param = expr.param === undefined ? undefined : resolve(expr.param, grid);
      return { ...expr, expr: resolve(expr.expr, grid), param };
    }
  }
}

/** `info` without a name of info metrics means `target_info`; it looks at the time its first selector looks at. */
function resolveCall(call: Call): Call {
  const [base, given] = call.args;
  if (call.func !== 'info' || base === undefined) return call;
  const first = [...walk(base)].find((node) => node.kind === 'vector');
  const selector = given?.kind === 'vector' ? given : { ...EMPTY_SELECTOR, span: call.span };
  const named = selector.matchers.some(({ name }) => name === METRIC_NAME);
  const matchers = named ? selector.matchers : [UNNAMED_INFO, ...selector.matchers];
  const { offset, at } = first ?? selector;
  return { ...call, args: [base, { ...selector, matchers, offset, at }] };
}

/** The matcher of info metrics that a query leaves out. */
export const UNNAMED_INFO = createMatcher(METRIC_NAME, '=', 'target_info');

const EMPTY_SELECTOR = {
  kind: 'vector',
  name: '',
  matchers: [],
  smoothed: false,
  offset: 0,
  at: undefined,
} as const;

function foldUnary(expr: Unary): Expr {
  if (expr.expr.kind !== 'number') return expr;
  const value = expr.op === '-' ? -expr.expr.value : expr.expr.value;
  return { kind: 'number', value, asDuration: false, span: expr.span };
}

function foldBinary(expr: Binary): Expr {
  if (expr.left.kind !== 'number' || expr.right.kind !== 'number' || isSetOperator(expr.op)) return expr;
  const value = floatOperator(expr.op)(expr.left.value, expr.right.value);
  return { kind: 'number', value, asDuration: false, span: expr.span };
}

function resolveTime(node: TimeModifiers, grid: PlanGrid): { offset: number; at: AtModifier | undefined } {
  return { offset: resolveDuration(node.offset, grid), at: resolveAt(node.at, grid) };
}

function resolveAt(at: AtModifier | undefined, grid: PlanGrid): AtModifier | undefined {
  if (at?.kind === 'start') return { kind: 'time', ms: grid.start };
  if (at?.kind === 'end') return { kind: 'time', ms: grid.end };
  return at;
}

function positive(duration: Duration, grid: PlanGrid): number {
  const ms = resolveDuration(duration, grid);
  if (!(ms > 0))
    throw new QueryError('bad_data', `duration must be greater than 0, got ${formatGeneral(ms / 1000)}s`);
  return ms;
}

function resolveDuration(duration: Duration, grid: PlanGrid): number {
  if (typeof duration === 'number') return duration;
  const ms = Math.round(seconds(duration, grid) * 1000);
  if (!(Math.abs(ms) < 9.2e12)) throw new QueryError('bad_data', 'duration out of range');
  return ms;
}

function seconds(expr: DurationExpr, grid: PlanGrid): number {
  switch (expr.kind) {
    case 'literal':
      return expr.seconds;
    case 'step':
      return grid.count === 1 ? 0 : grid.step / 1000;
    case 'range':
      return (grid.end - grid.start) / 1000;
    case 'negate':
      return -seconds(expr.operand, grid);
    case 'group':
      return seconds(expr.operand, grid);
    case 'min_of':
      return Math.min(seconds(expr.left, grid), seconds(expr.right, grid));
    case 'max_of':
      return Math.max(seconds(expr.left, grid), seconds(expr.right, grid));
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^': {
      const right = seconds(expr.right, grid);
      if (right === 0 && expr.kind === '/') throw new QueryError('bad_data', 'division by zero');
      if (right === 0 && expr.kind === '%') throw new QueryError('bad_data', 'modulo by zero');
      return floatOperator(expr.kind)(seconds(expr.left, grid), right);
    }
  }
}
