import { METRIC_NAME } from '../labels.ts';
import type { Matcher } from '../matcher.ts';
import { formatDuration } from '../text/duration.ts';
import { formatGeneral } from '../text/format-value.ts';
import { quote } from '../text/quote.ts';
import type {
  Aggregate,
  Binary,
  Duration,
  DurationExpr,
  Expr,
  TimeModifiers,
  VectorMatching,
  VectorSelector,
} from './ast.ts';

const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A query as one canonical line; parsing it again gives the same tree. */
export function formatExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return expr.asDuration ? formatDurationNumber(expr.value) : formatGeneral(expr.value);
    case 'string':
      return quote(expr.value);
    case 'vector':
      return `${formatSelector(expr)}${formatTime(expr)}${expr.smoothed ? ' smoothed' : ''}`;
    case 'matrix': {
      const edges = expr.edges === 'plain' ? '' : ` ${expr.edges}`;
      return `${formatSelector(expr.vector)}[${formatRange(expr.range)}]${edges}${formatTime(expr.vector)}`;
    }
    case 'subquery': {
      const step = expr.step === 0 ? '' : formatRange(expr.step);
      return `${formatExpr(expr.expr)}[${formatRange(expr.range)}:${step}]${formatTime(expr)}`;
    }
    case 'paren':
      return `(${formatExpr(expr.expr)})`;
    case 'unary':
      return `${expr.op}${formatExpr(expr.expr)}`;
    case 'binary':
      return formatBinary(expr);
    case 'call':
      return `${expr.func}(${expr.args.map(formatExpr).join(', ')})`;
    case 'aggregate':
      return formatAggregate(expr);
  }
}

/** Durations print as durations only when nothing is lost: whole, finite ms. */
function formatDurationNumber(seconds: number): string {
  const ms = seconds * 1000;
  return Number.isInteger(ms) && ms !== 0 ? formatDuration(ms) : formatGeneral(seconds);
}

function formatSelector(selector: VectorSelector): string {
  const matchers = selector.matchers
    .filter((matcher) => !(selector.name !== '' && isNameMatcher(matcher)))
    .map(formatMatcher);
  return matchers.length === 0 ? selector.name || '{}' : `${selector.name}{${matchers.join(',')}}`;
}

function isNameMatcher(matcher: Matcher): boolean {
  return matcher.name === METRIC_NAME && matcher.op === '=';
}

function formatMatcher(matcher: Matcher): string {
  return `${formatLabelName(matcher.name)}${matcher.op}${quote(matcher.value)}`;
}

function formatLabelName(name: string): string {
  return PLAIN_LABEL.test(name) ? name : quote(name);
}

function formatTime(node: TimeModifiers): string {
  let text = '';
  if (node.at?.kind === 'time') text += ` @ ${(node.at.ms / 1000).toFixed(3)}`;
  else if (node.at !== undefined) text += ` @ ${node.at.kind}()`;
  if (node.offset === 0) return text;
  if (typeof node.offset !== 'number') return `${text} offset ${formatOffsetExpr(node.offset)}`;
  return `${text} offset ${formatDuration(node.offset)}`;
}

/** After `offset` only a literal, a call or a group may stand; what was read keeps its own parentheses. */
function formatOffsetExpr(expr: DurationExpr): string {
  return formatDurationExpr(expr);
}

function formatRange(duration: Duration): string {
  return typeof duration === 'number' ? formatDuration(duration) : formatDurationExpr(duration);
}

function formatDurationExpr(expr: DurationExpr): string {
  switch (expr.kind) {
    case 'literal':
      return expr.asDuration ? formatDurationNumber(expr.seconds) : formatGeneral(expr.seconds);
    case 'step':
    case 'range':
      return `${expr.kind}()`;
    case 'negate':
      return `-${formatDurationExpr(expr.operand)}`;
    case 'group':
      return `(${formatDurationExpr(expr.operand)})`;
    case 'min_of':
    case 'max_of':
      return `${expr.kind}(${formatDurationExpr(expr.left)}, ${formatDurationExpr(expr.right)})`;
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
      return `${formatDurationExpr(expr.left)} ${expr.kind} ${formatDurationExpr(expr.right)}`;
  }
}

function formatBinary(expr: Binary): string {
  const bool = expr.returnBool ? ' bool' : '';
  const matching = expr.matching === undefined ? '' : formatMatching(expr.matching);
  // A sign binds looser than a power: `+Inf ^ 2` would read as `+(Inf ^ 2)`.
  const left = expr.op === '^' ? formatExpr(expr.left).replace(/^\+(?=Inf$)/, '') : formatExpr(expr.left);
  return `${left} ${expr.op}${bool}${matching} ${formatExpr(expr.right)}`;
}

function formatMatching(matching: VectorMatching): string {
  const grouped = matching.cardinality === 'many-to-one' || matching.cardinality === 'one-to-many';
  let text = '';
  if (matching.labels.length > 0 || matching.on || grouped)
    text += ` ${matching.on ? 'on' : 'ignoring'} ${formatLabels(matching.labels)}`;
  if (grouped)
    text += ` ${matching.cardinality === 'many-to-one' ? 'group_left' : 'group_right'} ${formatLabels(matching.include)}`;
  const { fillLeft, fillRight } = matching;
  if (fillLeft !== undefined && Object.is(fillLeft, fillRight))
    return `${text} fill (${formatGeneral(fillLeft)})`;
  if (fillLeft !== undefined) text += ` fill_left (${formatGeneral(fillLeft)})`;
  if (fillRight !== undefined) text += ` fill_right (${formatGeneral(fillRight)})`;
  return text;
}

function formatLabels(names: readonly string[]): string {
  return `(${names.map(formatLabelName).join(', ')})`;
}

function formatAggregate(expr: Aggregate): string {
  let grouping = '';
  if (expr.without) grouping = ` without ${formatLabels(expr.grouping)} `;
  else if (expr.grouping.length > 0) grouping = ` by ${formatLabels(expr.grouping)} `;
  const param = expr.param === undefined ? '' : `${formatExpr(expr.param)}, `;
  return `${expr.op}${grouping}(${param}${formatExpr(expr.expr)})`;
}
