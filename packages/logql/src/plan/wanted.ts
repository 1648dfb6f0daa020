import type { Grouping, LabelFilter, RangeAggregation } from '../parse/ast.ts';

/**
 * The labels that decide what a grouped range aggregation answers: those it groups by, those filters ask for, and the one
 * it unwraps. Parsers need not keep others. Undefined where all may count: templates can ask for any.
 */
export function wantedLabels(
  { selector, unwrap }: RangeAggregation,
  grouping: Grouping | undefined,
): ReadonlySet<string> | undefined {
  if (grouping === undefined || grouping.without) return undefined;
  const wanted = new Set(grouping.labels);
  for (const stage of selector.stages) {
    if (stage.kind === 'line_format' || stage.kind === 'label_format') return undefined;
    if (stage.kind === 'label_filter') addNames(stage.filter, wanted);
  }
  if (unwrap !== undefined) {
    wanted.add(unwrap.name);
    for (const filter of unwrap.filters) addNames(filter, wanted);
  }
  return wanted;
}

function addNames(filter: LabelFilter, names: Set<string>): void {
  if ('left' in filter) {
    addNames(filter.left, names);
    addNames(filter.right, names);
  } else if (filter.kind === 'string') names.add(filter.matcher.name);
  else names.add(filter.name);
}
