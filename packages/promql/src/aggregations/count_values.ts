import { executionError } from '../errors.ts';
import type { Series, VectorValue } from '../eval/value.ts';
import { ColumnPool, sampleAt, vectorOf } from '../eval/value.ts';
import { formatHistogram } from '../histogram/format.ts';
import { isLabelName } from '../label-name.ts';
import { unwrapParens } from '../parse/ast.ts';
import { formatDecimal } from '../text/format-value.ts';
import { quote } from '../text/quote.ts';
import type { AggregationInput } from './types.ts';
import { membersOf } from './types.ts';

/** `count_values("label", x)`: how many samples of a group have each value, the value as a label. */
export async function count_values(input: AggregationInput): Promise<VectorValue> {
  const { context, grid, vector, groups, param } = input;
  if (param?.type !== 'string') throw new TypeError('aggregation parameter is no string');
  if (!isLabelName(param.value))
    throw executionError(`invalid label name ${writtenName(input, param.value)}`);
  const pool = new ColumnPool(grid.count, groups.count);
  // By final labels, not by group: the value may overwrite a label that told groups apart.
  const byLabels = new Map<string, Series>();
  for (const [group, members] of membersOf(groups).entries()) {
    const byValue = new Map<string, Series>();
    for (const index of members) {
      const series = vector.series[index];
      if (series === undefined) continue;
      for (let k = 0; k < grid.count; k++) {
        if (series.present[k] === 0) continue;
        const sample = sampleAt(series, k);
        const text = typeof sample === 'number' ? formatDecimal(sample) : formatHistogram(sample);
        let counted = byValue.get(text);
        if (counted === undefined) {
          const labels = (groups.labels[group] ?? series.labels).with(param.value, text);
          counted = byLabels.get(labels.key) ?? { labels, dropName: false, ...pool.take() };
          byLabels.set(labels.key, counted);
          byValue.set(text, counted);
        }
        counted.values[k] = (counted.values[k] ?? 0) + 1;
        counted.present[k] = 1;
      }
      if (context.budget.spend(grid.count * 8)) await context.budget.pause();
    }
  }
  return vectorOf([...byLabels.values()], false);
}

/** As the query wrote it where it has bytes that are no text, which the value no longer tells. */
function writtenName({ context, node }: AggregationInput, value: string): string {
  const param = node.param === undefined ? undefined : unwrapParens(node.param);
  if (param === undefined || !value.includes('\ufffd')) return quote(value);
  const written = context.text.slice(param.span.start, param.span.end);
  return written.startsWith('"') ? written : quote(value);
}
