import type { EvenSeries } from '../../api/contracts.ts';
import type { SeriesRow } from './select.ts';

export interface Aligned {
  /** Epoch seconds. */
  readonly times: readonly number[];
  readonly rows: readonly SeriesRow[];
}

/** A chart draws no more instants than this; a wider answer is a fault of its sender. */
const MAX_POINTS = 20_000;

/** Puts evenly spaced series (start in ms, step in s) over common instants; where a series has no value there is a gap. */
export function alignSeries(
  series: readonly { readonly name: string; readonly data: EvenSeries }[],
): Aligned {
  const filled = series.filter(({ data }) => data.values.length > 0 && data.step > 0);
  if (filled.length === 0) return { times: [], rows: [] };
  const step = Math.min(...filled.map(({ data }) => data.step));
  const start = Math.min(...filled.map(({ data }) => data.start)) / 1000;
  const end = Math.max(...filled.map(({ data }) => data.start / 1000 + (data.values.length - 1) * data.step));
  const count = Math.min(MAX_POINTS, Math.round((end - start) / step) + 1);
  const times = Array.from({ length: count }, (_, index) => start + index * step);
  const rows = filled.map(({ name, data }): SeriesRow => {
    if (data.step === step && data.start / 1000 === start && data.values.length === count) {
      return { name, values: data.values };
    }
    const values: (number | null)[] = Array.from({ length: count }, () => null);
    data.values.forEach((value, index) => {
      const place = Math.round((data.start / 1000 + index * data.step - start) / step);
      if (place >= 0 && place < count) values[place] = value;
    });
    return { name, values };
  });
  return { times, rows };
}
