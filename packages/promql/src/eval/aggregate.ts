import { Labels, METRIC_NAME } from '../labels.ts';
import type { Aggregate } from '../parse/ast.ts';
import type { EvalContext } from './context.ts';
import { METRIC_LABELS } from './names.ts';
import type { VectorValue } from './value.ts';

/** Which group each series of a vector falls into; computed once, whatever the number of steps. */
export interface Groups {
  readonly count: number;
  /** Group of series i. */
  readonly indexOf: Int32Array;
  readonly labels: readonly Labels[];
  /** Whether a group's name, where the grouping keeps it, is still to go (delayed name removal). */
  readonly dropName: readonly boolean[];
  /** No group's labels hold a metric name. */
  readonly nameless: boolean;
}

/** Splits series by `by (...)` or `without (...)`. */
export function groupSeries(context: EvalContext, node: Aggregate, vector: VectorValue): Promise<Groups> {
  const { series } = vector;
  return groupLabelSets(context, node, {
    count: series.length,
    labelsAt: (index) => series[index]?.labels ?? Labels.EMPTY,
    dropsNameAt: (index) => series[index]?.dropName ?? false,
  });
}

/** Label sets by index, each with whether its name is still to go. */
export interface LabelSets {
  readonly count: number;
  readonly labelsAt: (index: number) => Labels;
  readonly dropsNameAt: (index: number) => boolean;
}

/** The same for label sets without values. */
export async function groupLabelSets(
  context: EvalContext,
  node: Aggregate,
  sets: LabelSets,
): Promise<Groups> {
  const { count, labelsAt, dropsNameAt } = sets;
  const indexOf = new Int32Array(count);
  const byKey = new Map<string, number>();
  const labels: Labels[] = [];
  const dropName: boolean[] = [];
  const keyOf = node.without ? withoutKey(node.grouping) : byKeyOf(node.grouping);
  for (let i = 0; i < count; i++) {
    const one = labelsAt(i);
    const key = keyOf(one);
    let group = byKey.get(key);
    if (group === undefined) {
      group = labels.length;
      byKey.set(key, group);
      labels.push(groupLabels(node, one));
      dropName.push(dropsNameAt(i));
    }
    indexOf[i] = group;
    if (context.budget.spend(100)) await context.budget.pause();
  }
  const delayed = context.options.delayedNameRemoval === true;
  const nameless = !delayed && (node.without || !node.grouping.includes(METRIC_NAME));
  return { count: labels.length, indexOf, labels, dropName, nameless };
}

const SEPARATOR = '\u00ff';

function byKeyOf(grouping: readonly string[]): (labels: Labels) => string {
  const [only] = grouping;
  if (only === undefined) return () => '';
  if (grouping.length === 1) return (labels) => labels.get(only);
  return (labels) => {
    let key = '';
    // Lengths before values: no value, however hostile, can imitate another split.
    for (const name of grouping) {
      const value = labels.get(name);
      key += `${value.length}${SEPARATOR}${value}`;
    }
    return key;
  };
}

function withoutKey(grouping: readonly string[]): (labels: Labels) => string {
  const dropped = new Set([...grouping, ...METRIC_LABELS]);
  return (labels) => labels.without(dropped).key;
}

function groupLabels(node: Aggregate, labels: Labels): Labels {
  if (node.without) return labels.without(new Set([...node.grouping, ...METRIC_LABELS]));
  return node.grouping.length === 0 ? Labels.EMPTY : labels.keep(new Set(node.grouping));
}
