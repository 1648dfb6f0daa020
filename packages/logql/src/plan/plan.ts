import type {
  Grouping,
  LabelFilter,
  LineFilter,
  LogSelector,
  MetricExpr,
  RangeAggregation,
  Stage,
} from '../parse/ast.ts';
import { children } from '../parse/ast.ts';
import { ERROR_DETAILS_LABEL, ERROR_LABEL, EXTRACTED } from '../pipeline/entry.ts';

/** What of a selector's stages a storage can do, with the same result. */
export interface SelectionPlan {
  /** On the line as it is stored. */
  readonly lineFilters: readonly LineFilter[];
  /** On stream labels and structured metadata. */
  readonly labelFilters: readonly LabelFilter[];
  /** Whether these are all stages there are. */
  readonly exact: boolean;
}

/** Stages that give the line another text: filters behind them see that one. */
const REWRITES_LINE: ReadonlySet<Stage['kind']> = new Set(['line_format', 'decolorize', 'unpack']);
/** Stages that leave labels as they were stored. */
const LEAVES_LABELS: ReadonlySet<Stage['kind']> = new Set([
  'line_filter',
  'label_filter',
  'line_format',
  'decolorize',
]);

/**
 * Line filters count up to the first stage that rewrites the line: what stands between decides about labels and errors,
 * and an entry the filter drops has neither. Label filters count up to the first stage that changes labels.
 */
export function planSelection({ stages }: LogSelector): SelectionPlan {
  const lineFilters: LineFilter[] = [];
  const labelFilters: LabelFilter[] = [];
  let storedLine = true;
  let storedLabels = true;
  let exact = true;
  for (const stage of stages) {
    if (stage.kind === 'line_filter' && storedLine) lineFilters.push(stage);
    else if (stage.kind === 'label_filter' && storedLabels && isText(stage.filter))
      labelFilters.push(stage.filter);
    // Where every stage so far counts there is no error to be dropped.
    else if (!dropsErrors(stage)) exact = false;
    // A filter that can fail sets __error__, which is a label to those behind it, but none they may be told to the storage.
    if (REWRITES_LINE.has(stage.kind)) storedLine = false;
    if (!LEAVES_LABELS.has(stage.kind) && !dropsErrors(stage)) storedLabels = false;
  }
  return { lineFilters, labelFilters, exact };
}

/** `drop __error__`, which clients put behind every query. */
function dropsErrors(stage: Stage): boolean {
  return stage.kind === 'drop' && stage.choices.every(({ name }) => isErrorLabel(name));
}

function isErrorLabel(name: string): boolean {
  return name === ERROR_LABEL || name === ERROR_DETAILS_LABEL;
}

/** Conditions on text alone: they convert nothing, so they cannot fail, and errors are not their matter. */
function isText(filter: LabelFilter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return isText(filter.left) && isText(filter.right);
  if (filter.kind !== 'string') return false;
  const { name } = filter.matcher;
  return !isErrorLabel(name) && isStored(name);
}

/** `name_extracted` is made where stream and metadata both have a name: no storage needs to know that. */
function isStored(name: string): boolean {
  return !name.endsWith(EXTRACTED);
}

/** What a range aggregation makes of lines that are only counted. */
export function countedBy({ func, unwrap }: RangeAggregation): 'lines' | 'bytes' | undefined {
  if (unwrap !== undefined) return undefined;
  if (func === 'count_over_time' || func === 'rate' || func === 'absent_over_time') return 'lines';
  return func === 'bytes_over_time' || func === 'bytes_rate' ? 'bytes' : undefined;
}

/** Whether a storage can add up by these labels. */
export function isStoredGrouping(grouping: Grouping | undefined): boolean {
  return grouping === undefined || (!grouping.without && grouping.labels.every(isStored));
}

/** `sum by (a) (count_over_time(…))`: counts can be added up as they are made. */
export function summedRange(
  expr: MetricExpr,
): { readonly range: RangeAggregation; readonly grouping: Grouping } | undefined {
  if (expr.kind !== 'aggregate' || expr.op !== 'sum' || expr.expr.kind !== 'range') return undefined;
  const range = expr.expr;
  if (countedBy(range) === undefined || range.func === 'absent_over_time') return undefined;
  return { range, grouping: expr.grouping ?? { without: false, labels: [] } };
}

/** The range aggregations of an expression, left to right. */
export function rangesOf(expr: MetricExpr): readonly RangeAggregation[] {
  if (expr.kind === 'range') return [expr];
  return children(expr).flatMap(rangesOf);
}

/** The selectors of a query. */
export function selectorsOf(expr: LogSelector | MetricExpr): readonly LogSelector[] {
  return expr.kind === 'log' ? [expr] : rangesOf(expr).map(({ selector }) => selector);
}
