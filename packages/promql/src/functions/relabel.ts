import type { EvalContext } from '../eval/context.ts';
import { mergeEqualLabels } from '../eval/names.ts';
import type { Series, VectorValue } from '../eval/value.ts';
import { vectorOf } from '../eval/value.ts';
import type { Labels } from '../labels.ts';
import { METRIC_NAME } from '../labels.ts';

/** Every series under new labels; two that end up equal at one step are an error. */
export async function relabel(
  { budget }: EvalContext,
  vector: VectorValue,
  target: string,
  rename: (labels: Labels) => Labels,
): Promise<VectorValue> {
  const series: Series[] = [];
  for (const one of vector.series) {
    const labels = rename(one.labels);
    series.push(
      labels === one.labels
        ? one
        : { ...one, labels, dropName: target === METRIC_NAME ? false : one.dropName },
    );
    if (budget.spend(LABEL_WORK)) await budget.pause();
  }
  return mergeEqualLabels(budget, vectorOf(series, vector.namesPinned && target !== METRIC_NAME));
}

/** A pattern and a new label set cost about as much as this many samples. */
const LABEL_WORK = 200;
