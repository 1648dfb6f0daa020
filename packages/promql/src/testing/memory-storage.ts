import { firstAfter } from '../eval/select.ts';
import type { Histogram } from '../histogram/histogram.ts';
import type { Labels } from '../labels.ts';
import type { Queryable, SelectRequest, SelectResult, SeriesColumns } from '../storage.ts';
import { writeStaleMarker } from '../storage.ts';

/** A value of a test series; `stale` is the staleness marker, whose bits no plain number carries safely. */
export type TestValue = number | 'stale' | Histogram;

/** `start`: when the counting began, ms. */
export type TestSample = readonly [time: number, value: TestValue, start?: number];

interface StoredSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histograms?: readonly (Histogram | undefined)[] | undefined;
  readonly starts?: Float64Array | undefined;
}

/** A Queryable over arrays in memory, for tests and examples. */
export class MemoryStorage implements Queryable {
  readonly #series = new Map<string, StoredSeries>();
  /** Every request it was asked, in order. */
  readonly requests: SelectRequest[] = [];

  /** Adds samples of one series; times must rise and be later than those it has. */
  add(labels: Labels, samples: readonly TestSample[]): void {
    const known = this.#series.get(labels.key);
    const before = known?.timestamps.length ?? 0;
    const timestamps = new Float64Array(before + samples.length);
    const values = new Float64Array(before + samples.length);
    if (known !== undefined) {
      timestamps.set(known.timestamps);
      // Copied as words: floats may lose a marker's bits.
      new Uint32Array(values.buffer).set(new Uint32Array(known.values.buffer));
    }
    const histograms: (Histogram | undefined)[] = [...(known?.histograms ?? [])];
    const starts = new Float64Array(before + samples.length);
    if (known?.starts !== undefined) starts.set(known.starts);
    samples.forEach(([time, value, start = 0], index) => {
      const at = before + index;
      starts[at] = start;
      if (at > 0 && time <= (timestamps[at - 1] ?? 0))
        throw new RangeError(`samples of ${labels.toString()} do not rise at ${time}`);
      timestamps[at] = time;
      if (value === 'stale') writeStaleMarker(values, at);
      else if (typeof value === 'number') values[at] = value;
      else histograms[at] = value;
    });
    const series = { labels, timestamps, values };
    this.#series.set(labels.key, {
      ...series,
      histograms: histograms.length > 0 ? histograms : undefined,
      starts: starts.some((start) => start !== 0) ? starts : undefined,
    });
  }

  /** Adds columns as they are. */
  addColumns(labels: Labels, timestamps: Float64Array, values: Float64Array): void {
    this.#series.set(labels.key, { labels, timestamps, values });
  }

  clear(): void {
    this.#series.clear();
  }

  select(request: SelectRequest): Promise<SelectResult> {
    this.requests.push(request);
    return Promise.resolve({ series: this.find(request) });
  }

  /** Labels of all series the matchers accept. */
  protected labels({ matchers }: SelectRequest): Labels[] {
    return [...this.#series.values()]
      .map(({ labels }) => labels)
      .filter((labels) => matchers.every((matcher) => matcher.matches(labels.get(matcher.name))));
  }

  protected find(request: SelectRequest): SeriesColumns[] {
    const series: SeriesColumns[] = [];
    for (const stored of this.#series.values()) {
      const { labels, timestamps, values, histograms, starts } = stored;
      if (!request.matchers.every((matcher) => matcher.matches(labels.get(matcher.name)))) continue;
      const from = firstAfter(timestamps, 0, timestamps.length, request.startExclusive);
      const to = firstAfter(timestamps, from, timestamps.length, request.end);
      if (to === from) continue;
      series.push({
        labels,
        timestamps,
        values,
        from,
        to,
        ...(histograms === undefined ? {} : { histograms }),
        ...(starts === undefined ? {} : { starts }),
      });
    }
    return series;
  }
}
