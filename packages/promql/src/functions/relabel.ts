import { mergeEqualLabels } from '../eval/names.ts';
import type { VectorValue } from '../eval/value.ts';
import { vectorOf } from '../eval/value.ts';
import type { Labels } from '../labels.ts';
import { METRIC_NAME } from '../labels.ts';

/** Every series under new labels; two that end up equal at one step are an error. */
export function relabel(
  vector: VectorValue,
  target: string,
  rename: (labels: Labels) => Labels,
): VectorValue {
  const series = vector.series.map((one) => {
    const labels = rename(one.labels);
    if (labels === one.labels) return one;
    return { ...one, labels, dropName: target === METRIC_NAME ? false : one.dropName };
  });
  return mergeEqualLabels(vectorOf(series, vector.namesPinned && target !== METRIC_NAME));
}
