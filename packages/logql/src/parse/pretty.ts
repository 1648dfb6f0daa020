import type { Expr, LogSelector, MetricExpr, RangeAggregation } from './ast.ts';
import {
  formatExpr,
  formatGrouping,
  formatMatching,
  formatParam,
  formatRangeEnd,
  formatSelectorParts,
} from './printer.ts';

/** Longer queries are broken into lines. */
const WIDTH = 100;
const INDENT = '  ';

/** A query as people like to read it: on one line where it is short, else indented by its structure. It reads back the same. */
export function prettyExpr(expr: Expr, indent = ''): string {
  const line = formatExpr(expr);
  if (indent.length + line.length <= WIDTH) return indent + line;
  return expr.kind === 'log' ? prettySelector(expr, indent) : prettyMetric(expr, indent);
}

function prettySelector(selector: LogSelector, indent: string): string {
  const [first = '', ...stages] = formatSelectorParts(selector);
  return [indent + first, ...stages.map((stage) => indent + INDENT + stage)].join('\n');
}

function prettyMetric(expr: MetricExpr, indent: string): string {
  const inner = indent + INDENT;
  switch (expr.kind) {
    case 'number':
    case 'vector':
      return indent + formatExpr(expr);
    case 'range':
      return prettyRange(expr, indent);
    case 'aggregate': {
      const grouping = expr.grouping === undefined ? '' : ` ${formatGrouping(expr.grouping)} `;
      return `${indent}${expr.op}${grouping}(\n${formatParam(expr.param, inner)}${prettyExpr(expr.expr, inner)}\n${indent})`;
    }
    case 'label_replace': {
      const texts = [expr.target, expr.replacement, expr.source, expr.pattern].map(
        (text) => inner + JSON.stringify(text),
      );
      return `${indent}label_replace(\n${[prettyExpr(expr.expr, inner), ...texts].join(',\n')}\n${indent})`;
    }
    case 'binary': {
      const side = (operand: MetricExpr): string =>
        operand.kind === 'binary'
          ? `${inner}(\n${prettyExpr(operand, inner + INDENT)}\n${inner})`
          : prettyExpr(operand, inner);
      return `${side(expr.left)}\n${indent}${formatMatching(expr)}\n${side(expr.right)}`;
    }
  }
}

function prettyRange(expr: RangeAggregation, indent: string): string {
  const inner = indent + INDENT;
  const [first = '', ...stages] = formatSelectorParts(expr.selector);
  const lines = [inner + first, ...[...stages, ...formatRangeEnd(expr)].map((part) => inner + INDENT + part)];
  const grouping = expr.grouping === undefined ? '' : ` ${formatGrouping(expr.grouping)}`;
  return `${indent}${expr.func}(\n${formatParam(expr.param, inner)}${lines.join('\n')}\n${indent})${grouping}`;
}
