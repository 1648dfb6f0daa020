import type { Matcher } from '@pharos/promql';
import { formatDecimal } from '@pharos/promql';
import { quote } from '@pharos/promql/vectors';
import { formatByteSize } from '../text/byte-size.ts';
import { formatQueryDuration } from '../text/go-duration.ts';
import type {
  Binary,
  Expr,
  Extraction,
  Grouping,
  LabelChoice,
  LabelFilter,
  LineFilter,
  LogSelector,
  MetricExpr,
  RangeAggregation,
  Stage,
  Unwrap,
  VectorAggregation,
} from './ast.ts';

/** The canonical text of a query, on one line; it reads back as the same query. */
export function formatExpr(expr: Expr): string {
  return expr.kind === 'log' ? formatSelector(expr) : formatMetric(expr);
}

/** Backquotes where they spare escapes. */
function formatString(text: string): string {
  return /["\\]/.test(text) && !/[`\r\n\t\p{Cc}]/u.test(text) ? `\`${text}\`` : quote(text);
}

function formatMatcher({ name, op, value }: Matcher): string {
  return `${name}${op}${formatString(value)}`;
}

/** The selector and its stages, one text each. */
export function formatSelectorParts({ matchers, stages }: LogSelector): readonly string[] {
  return [`{${matchers.map(formatMatcher).join(', ')}}`, ...stages.map(formatStage)];
}

function formatSelector(selector: LogSelector): string {
  return formatSelectorParts(selector).join(' ');
}

function formatStage(stage: Stage): string {
  switch (stage.kind) {
    case 'line_filter':
      return formatLineFilter(stage);
    case 'json':
      return joined('| json', formatExtractions(stage.extractions));
    case 'logfmt':
      return joined(
        '| logfmt',
        stage.strict ? '--strict' : '',
        stage.keepEmpty ? '--keep-empty' : '',
        formatExtractions(stage.extractions),
      );
    case 'regexp':
    case 'pattern':
      return `| ${stage.kind} ${formatString(stage.pattern)}`;
    case 'unpack':
    case 'decolorize':
      return `| ${stage.kind}`;
    case 'label_filter':
      return `| ${formatLabelFilter(stage.filter)}`;
    case 'line_format':
      return `| line_format ${formatString(stage.template)}`;
    case 'label_format':
      return `| label_format ${stage.formats
        .map((format) =>
          format.kind === 'rename'
            ? `${format.name}=${format.source}`
            : `${format.name}=${formatString(format.template)}`,
        )
        .join(', ')}`;
    case 'drop':
    case 'keep':
      return `| ${stage.kind} ${stage.choices.map(formatChoice).join(', ')}`;
  }
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function formatLineFilter({ op, terms }: LineFilter): string {
  const shown = terms.map(({ kind, value }) =>
    kind === 'ip' ? `ip(${formatString(value)})` : formatString(value),
  );
  return `${op} ${shown.join(' or ')}`;
}

function formatExtractions(extractions: readonly Extraction[]): string {
  return extractions
    .map(({ name, expression }) => (name === expression ? name : `${name}=${formatString(expression)}`))
    .join(', ');
}

function formatChoice({ name, matcher }: LabelChoice): string {
  return matcher === undefined ? name : formatMatcher(matcher);
}

function formatLabelFilter(filter: LabelFilter): string {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const left = formatOperand(filter.left, filter.kind, 'left');
      return `${left} ${filter.kind} ${formatOperand(filter.right, filter.kind, 'right')}`;
    }
    case 'string':
      return formatMatcher(filter.matcher);
    case 'ip':
      return `${filter.name} ${filter.op} ip(${formatString(filter.pattern)})`;
    case 'number':
      return `${filter.name} ${filter.op} ${formatDecimal(filter.value)}`;
    case 'duration':
      return `${filter.name} ${filter.op} ${formatQueryDuration(filter.value)}`;
    case 'bytes':
      return `${filter.name} ${filter.op} ${formatByteSize(filter.value)}`;
  }
}

/** `and` binds tighter than `or`, and both group to the left. */
function formatOperand(operand: LabelFilter, around: 'and' | 'or', side: 'left' | 'right'): string {
  const text = formatLabelFilter(operand);
  if (operand.kind !== 'and' && operand.kind !== 'or') return text;
  const bare =
    side === 'left'
      ? operand.kind === around || operand.kind === 'and'
      : operand.kind === 'and' && around === 'or';
  return bare ? text : `(${text})`;
}

function formatMetric(expr: MetricExpr): string {
  switch (expr.kind) {
    case 'number':
      return formatNumber(expr.value);
    case 'vector':
      return `vector(${formatNumber(expr.value)})`;
    case 'range':
      return formatRange(expr);
    case 'aggregate':
      return formatAggregation(expr);
    case 'label_replace': {
      const texts = [expr.target, expr.replacement, expr.source, expr.pattern].map(formatString);
      return `label_replace(${[formatMetric(expr.expr), ...texts].join(', ')})`;
    }
    case 'binary':
      return formatBinary(expr);
  }
}

function formatNumber(value: number): string {
  return formatDecimal(value);
}

export function formatGrouping(grouping: Grouping | undefined): string {
  if (grouping === undefined) return '';
  return `${grouping.without ? 'without' : 'by'} (${grouping.labels.join(', ')})`;
}

function formatRange(expr: RangeAggregation): string {
  const { func, selector, param, grouping } = expr;
  const inner = joined(formatSelector(selector), ...formatRangeEnd(expr));
  const call = `${func}(${param === undefined ? '' : `${formatNumber(param)}, `}${inner})`;
  return joined(call, formatGrouping(grouping));
}

/** What stands behind the stages of a range aggregation: the unwrap with its filters, the range, one text each. */
export function formatRangeEnd({ unwrap, rangeNs, offsetNs }: RangeAggregation): readonly string[] {
  const offset = offsetNs === 0 ? '' : ` offset ${formatQueryDuration(offsetNs)}`;
  return [...formatUnwrap(unwrap), `[${formatQueryDuration(rangeNs)}]${offset}`];
}

/** A parameter on a line of its own, nothing where there is none. */
export function formatParam(param: number | undefined, indent: string): string {
  return param === undefined ? '' : `${indent}${formatNumber(param)},\n`;
}

function formatUnwrap(unwrap: Unwrap | undefined): readonly string[] {
  if (unwrap === undefined) return [];
  const { name, conversion, filters } = unwrap;
  const label = conversion === undefined ? name : `${conversion}(${name})`;
  return [`| unwrap ${label}`, ...filters.map((filter) => `| ${formatLabelFilter(filter)}`)];
}

function formatAggregation({ op, expr, param, grouping }: VectorAggregation): string {
  const inner = `(${param === undefined ? '' : `${formatNumber(param)}, `}${formatMetric(expr)})`;
  return grouping === undefined ? op + inner : `${op} ${formatGrouping(grouping)} ${inner}`;
}

function formatBinary(expr: Binary): string {
  const side = (operand: MetricExpr): string =>
    operand.kind === 'binary' ? `(${formatMetric(operand)})` : formatMetric(operand);
  return joined(side(expr.left), formatMatching(expr), side(expr.right));
}

/** The operator of two expressions with what modifies it. */
export function formatMatching({ op, returnBool, matching }: Binary): string {
  const { on, labels, include, cardinality } = matching;
  const grouped = cardinality === 'many-to-one' || cardinality === 'one-to-many';
  const match = on || labels.length > 0 || grouped ? `${on ? 'on' : 'ignoring'} (${labels.join(', ')})` : '';
  const group = grouped
    ? `${cardinality === 'many-to-one' ? 'group_left' : 'group_right'} (${include.join(', ')})`
    : '';
  return joined(op, returnBool ? 'bool' : '', match, group);
}
