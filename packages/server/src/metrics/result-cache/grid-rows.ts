import { compareLabels, type FloatMatrix, LabelList, Labels, type RangeResult } from '@pharos/promql';

/** The floats of a range query's series; undefined where some are histograms. */
export function floatsOf(result: RangeResult): FloatMatrix | undefined {
  if (result.matrix !== undefined) return result.matrix;
  const { series, grid } = result;
  if (series.some(({ histograms }) => histograms !== undefined)) return undefined;
  const steps = grid.count;
  const values = new Float64Array(series.length * steps);
  const present = new Uint8Array(series.length * steps);
  for (const [row, one] of series.entries()) {
    values.set(one.values, row * steps);
    present.set(one.present, row * steps);
  }
  const rows = Int32Array.from(series, (_, row) => row);
  const labels = new LabelList(
    series.map((one) => one.labels),
    true,
  );
  return { labels, items: rows, rows, steps, values, present };
}

/** Some steps of a matrix, from `first` on. */
export interface Part {
  readonly matrix: FloatMatrix;
  readonly first: number;
  readonly steps: number;
}

/** Two parts of one grid as one, the later after the earlier: series sorted by labels, none without a value. */
export function joined(before: Part, after: Part): FloatMatrix {
  const steps = before.steps + after.steps;
  const pairs = pairsOf(before.matrix, after.matrix);
  const values = new Float64Array(pairs.length * steps);
  const present = new Uint8Array(pairs.length * steps);
  const items: number[] = [];
  for (const [item, { left, right }] of pairs.entries()) {
    const row = items.length * steps;
    if (left >= 0) copyRow(before, left, { values, present }, row);
    if (right >= 0) copyRow(after, right, { values, present }, row + before.steps);
    if (present.subarray(row, row + steps).includes(1)) items.push(item);
    else values.fill(0, row, row + steps);
  }
  return {
    labels: sharedList(before.matrix, after.matrix, pairs),
    items: Int32Array.from(items),
    rows: Int32Array.from(items, (_, row) => row),
    steps,
    values: values.subarray(0, items.length * steps),
    present: present.subarray(0, items.length * steps),
  };
}

/** The rows of one series on both sides, -1 where it has none. */
interface Pair {
  readonly labels: Labels;
  readonly left: number;
  readonly right: number;
}

/** Both sides are sorted by labels. */
function pairsOf(before: FloatMatrix, after: FloatMatrix): Pair[] {
  const pairs: Pair[] = [];
  let [left, right] = [0, 0];
  while (left < before.items.length || right < after.items.length) {
    const [a, b] = [labelsAt(before, left), labelsAt(after, right)];
    const order = a === undefined ? 1 : b === undefined ? -1 : a === b ? 0 : compareLabels(a, b);
    pairs.push({
      labels: (order <= 0 ? a : b) ?? Labels.EMPTY,
      left: order <= 0 ? (before.rows[left++] ?? -1) : -1,
      right: order >= 0 ? (after.rows[right++] ?? -1) : -1,
    });
  }
  return pairs;
}

function labelsAt({ labels, items }: FloatMatrix, index: number): Labels | undefined {
  return index < items.length ? labels.sets[items[index]] : undefined;
}

/** A list that is known already where it fits, so that what was derived from it is still of use. */
function sharedList(before: FloatMatrix, after: FloatMatrix, pairs: readonly Pair[]): LabelList {
  for (const { labels } of [before, after]) {
    if (labels.sets.length === pairs.length && pairs.every((pair, i) => isSame(labels.sets[i], pair.labels)))
      return labels;
  }
  return new LabelList(
    pairs.map(({ labels }) => labels),
    true,
  );
}

const isSame = (a: Labels | undefined, b: Labels): boolean =>
  a !== undefined && (a === b || compareLabels(a, b) === 0);

function copyRow(
  { matrix, first, steps }: Part,
  row: number,
  to: Pick<FloatMatrix, 'values' | 'present'>,
  at: number,
): void {
  const from = row * matrix.steps + first;
  to.values.set(matrix.values.subarray(from, from + steps), at);
  to.present.set(matrix.present.subarray(from, from + steps), at);
}

const NO_ROWS: FloatMatrix = {
  labels: new LabelList([], false),
  items: new Int32Array(0),
  rows: new Int32Array(0),
  steps: 0,
  values: new Float64Array(0),
  present: new Uint8Array(0),
};

/** A part of a matrix as a matrix of its own. */
export function cut(part: Part): FloatMatrix {
  return joined(part, { matrix: NO_ROWS, first: 0, steps: 0 });
}
