import { executionError } from '../errors.ts';
import { Derivation, LabelList } from '../label-list.ts';
import type { Labels } from '../labels.ts';
import { METRIC_NAME } from '../labels.ts';
import type { Budget } from './budget.ts';
import type { EvalContext } from './context.ts';
import { FloatBlock } from './float-block.ts';
import type { Series, VectorValue } from './value.ts';
import { anyPresent, vectorOf } from './value.ts';

/**
 * What goes when a metric name goes: the name and, with it, the type and unit that belonged to that metric
 * (PROM-39 labels).
 */
export const METRIC_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

/** Labels without metric name, type and unit; the same object when there is nothing to drop. */
export function withoutMetricLabels(labels: Labels): Labels {
  const { pairs } = labels;
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    // Sorted: upper case and `_` come before lower case, so most sets are settled by their first names.
    if (METRIC_LABELS.has(name)) return labels.without(METRIC_LABELS);
    if (name > '__unit__') return labels;
  }
  return labels;
}

/** A list's label sets without metric name, type and unit; `pinned` where no two differ in these alone. */
export const nameless = new Derivation<{ readonly pinned: boolean }, LabelList>(
  ({ sets, lasting, distinct }, { pinned }) =>
    new LabelList(sets.map(withoutMetricLabels), lasting, distinct && pinned),
  ({ pinned }) => String(pinned),
);

/** The name dropped, at once or, with delayed removal, marked to be dropped at the end. */
export function dropName(context: EvalContext, labels: Labels): Pick<Series, 'labels' | 'dropName'> {
  if (context.options.delayedNameRemoval === true) return { labels, dropName: true };
  return { labels: withoutMetricLabels(labels), dropName: false };
}

/**
 * A vector whose names were dropped: series that became equal are one series now, which is an error where both
 * have a value at the same step.
 */
export async function afterNameDrop(context: EvalContext, vector: VectorValue): Promise<VectorValue> {
  if (context.options.delayedNameRemoval === true) return vector;
  return vector.namesPinned ? vector : mergeEqualLabels(context.budget, vector);
}

const SAME_LABELSET = 'vector cannot contain metrics with the same labelset';

/** Joins series of equal labels; where two are present at one step the query fails with `conflict`. */
export async function mergeEqualLabels(
  budget: Budget,
  vector: VectorValue,
  conflict = SAME_LABELSET,
): Promise<VectorValue> {
  const byKey = new Map<string, number>();
  const merged: Series[] = [];
  for (const series of vector.series) {
    const { key } = series.labels;
    const at = byKey.get(key);
    if (at === undefined) {
      byKey.set(key, merged.length);
      merged.push(series);
    } else {
      merged[at] = joinColumns(merged[at], series, conflict);
    }
    if (budget.spend(200)) await budget.pause();
  }
  return merged.length === vector.series.length ? vector : vectorOf(merged, vector.namesPinned);
}

function joinColumns(a: Series, b: Series, conflict: string): Series {
  if (!anyPresent(b.present)) return a;
  const values = a.values.slice();
  const present = a.present.slice();
  for (let i = 0; i < present.length; i++) {
    if (b.present[i] === 0) continue;
    if (present[i] === 1) throw executionError(conflict);
    present[i] = 1;
    values[i] = b.values[i];
  }
  if (a.histograms === undefined && b.histograms === undefined) return { ...a, values, present };
  const histograms = Array.from(present, (_, i) => (b.present[i] === 1 ? b : a).histograms?.[i]);
  return { ...a, values, present, histograms };
}

/** Applies the delayed removal: what a query answers and what needs true names sees this. */
export async function settleNames(budget: Budget, vector: VectorValue): Promise<VectorValue> {
  if (vector instanceof FloatBlock || !vector.series.some((series) => series.dropName)) return vector;
  const series = vector.series.map((one) =>
    one.dropName ? { ...one, labels: withoutMetricLabels(one.labels), dropName: false } : one,
  );
  return mergeEqualLabels(budget, vectorOf(series, false));
}

/** Labels as Go prints them: `{__name__="up", job="a"}`. */
export function formatLabels(labels: Labels): string {
  const parts: string[] = [];
  for (let i = 0; i < labels.pairs.length; i += 2)
    parts.push(`${labels.pairs[i]}=${JSON.stringify(labels.pairs[i + 1])}`);
  return `{${parts.join(', ')}}`;
}
