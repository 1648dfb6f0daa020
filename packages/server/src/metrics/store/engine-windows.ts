import { type Column, type ColumnBlock, engineErrors, type Sql, sql, table } from '../../engine/index.ts';
import { samplesTable } from '../tables.ts';
import type { RichWindow } from './head/rich-window.ts';
import type { SeriesKey } from './series-key.ts';
import { keyWords } from './series-lookup.ts';

/** The float samples that a condition selects, as one row per series with its columns as arrays. */
export function selectWindows(where: Sql, starts: boolean): Sql {
  const inner = starts ? sql`, toFloat64(start) AS start_ms` : sql``;
  const outer = starts ? sql`, groupArray(start_ms) AS starts` : sql``;
  return sql`SELECT metric, series, groupArray(t) AS ts, groupArray(value) AS vs${outer} FROM (
      SELECT metric, series, toFloat64(toUnixTimestamp64Milli(ts)) AS t, value${inner} FROM ${table(samplesTable)}
      WHERE ${where} ORDER BY metric, series, t)
    GROUP BY metric, series`;
}

/** Visits the series of a {@link selectWindows} answer, times rising strictly; answers how many samples came. */
export function eachWindow(block: ColumnBlock, visit: (key: SeriesKey, window: RichWindow) => void): number {
  if (block.rows === 0) return 0;
  const metrics = block.numbers('metric');
  const words = keyWords(block.column('series'));
  const times = arrayColumn(block.column('ts'));
  const values = arrayColumn(block.column('vs'));
  const starts = block.names.includes('starts') ? arrayColumn(block.column('starts')).data : undefined;
  let from = 0;
  for (let row = 0; row < block.rows; row++) {
    const to = times.offsets[row] ?? from;
    const columns = {
      timestamps: times.data,
      values: values.data,
      ...(starts === undefined ? {} : { starts }),
    };
    const key = { metric: metrics[row], low: words[row * 2], high: words[row * 2 + 1] };
    visit(key, orderedWindow({ ...columns, from, to }));
    from = to;
  }
  return from;
}

export function arrayColumn(column: Column): { offsets: Uint32Array; data: Float64Array } {
  if (column.kind !== 'array' || column.items.kind !== 'float64')
    throw engineErrors.make('badQuery', 'the samples columns are not Array(Float64)');
  return { offsets: column.offsets, data: column.items.data };
}

/** The engine does not promise the order within a group, and a repeated time is possible: both are put right here. */
function orderedWindow(window: RichWindow): RichWindow {
  const { timestamps, values, starts, from, to } = window;
  let rising = true;
  for (let i = from + 1; i < to && rising; i++) rising = timestamps[i] > timestamps[i - 1];
  if (rising) return window;
  const order = Array.from({ length: to - from }, (_, i) => from + i);
  order.sort((a, b) => timestamps[a] - timestamps[b] || a - b);
  const sorted = new Float64Array(order.length);
  const sortedValues = new Float64Array(order.length);
  const sortedStarts = starts === undefined ? undefined : new Float64Array(order.length);
  let next = 0;
  for (const i of order) {
    if (next > 0 && sorted[next - 1] === timestamps[i]) continue;
    sorted[next] = timestamps[i];
    if (sortedStarts !== undefined) sortedStarts[next] = starts?.[i] ?? 0;
    sortedValues.set(values.subarray(i, i + 1), next++);
  }
  const columns = { timestamps: sorted, values: sortedValues, from: 0, to: next };
  return sortedStarts === undefined ? columns : { ...columns, starts: sortedStarts };
}
