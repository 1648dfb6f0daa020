import {
  asStored,
  type Histogram,
  isStaleMarker,
  type Labels,
  METRIC_NAME,
  type Queryable,
  readSeriesLine,
  type SelectRequest,
  type SelectResult,
  type SeriesColumns,
  type SeriesItem,
  writeStaleMarker,
} from '@pharos/promql';
import type { RuleAppender, RuleSeriesStore } from '../writer.ts';

type Sample = number | 'stale' | Histogram;

/** One series as columns that grow. */
class Column {
  readonly labels: Labels;
  #timestamps = new Float64Array(16);
  #values = new Float64Array(16);
  #histograms: (Histogram | undefined)[] | undefined;
  #count = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  /** False where the sample is not newer than what is there: the older one stays, as in Prometheus' storage. */
  append(time: number, sample: Sample): boolean {
    const at = this.#count;
    if (at > 0 && time <= (this.#timestamps[at - 1] ?? 0)) return false;
    if (at === this.#timestamps.length) this.#grow();
    this.#timestamps[at] = time;
    if (sample === 'stale') writeStaleMarker(this.#values, at);
    else if (typeof sample === 'number') this.#values[at] = sample;
    else (this.#histograms ??= [])[at] = sample;
    this.#count++;
    return true;
  }

  window(startExclusive: number, end: number): SeriesColumns | undefined {
    const from = this.#firstAfter(startExclusive);
    const to = this.#firstAfter(end);
    if (from === to) return undefined;
    const columns = { labels: this.labels, timestamps: this.#timestamps, values: this.#values, from, to };
    return this.#histograms === undefined ? columns : { ...columns, histograms: this.#histograms };
  }

  #firstAfter(time: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timestamps[middle] ?? 0) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #grow(): void {
    this.#timestamps = doubled(this.#timestamps);
    this.#values = doubled(this.#values);
  }
}

/** Copied as bytes: floats may lose a marker's bits. */
function doubled(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const next = new Float64Array(array.length * 2);
  new Uint8Array(next.buffer).set(new Uint8Array(array.buffer));
  return next;
}

interface Input {
  readonly column: Column;
  readonly samples: readonly (Sample | undefined)[];
}

/** What the rules of a unit test read and write: the series of the test up to a moment, and those of the rules. */
export class UnitTestStore implements Queryable, RuleSeriesStore {
  readonly #columns: Column[] = [];
  readonly #refs = new Map<string, number>();
  readonly #byName = new Map<string, Column[]>();
  readonly #inputs = new Map<string, Input>();
  readonly #startMs: number;
  readonly #intervalMs: number;
  /** How many samples of each series were given out. */
  #given = 0;

  constructor(startMs: number, intervalMs: number) {
    this.#startMs = startMs;
    this.#intervalMs = intervalMs;
  }

  /** Takes a series in its notation, its samples for later; of equal ones the last counts. Throws a SyntaxError. */
  addInput(series: string, values: string): void {
    const { labels, items, startTimes } = readSeriesLine(
      `${series.trim()} ${values.replaceAll(/\s+/g, ' ')}`,
    );
    if (startTimes) throw new SyntaxError('series of unit tests have no start times');
    const column = this.#column(this.#resolve(labels));
    this.#inputs.set(labels.key, { column, samples: samplesOf(items) });
  }

  /** Gives out the samples of the test up to a time. */
  advanceTo(time: number): void {
    for (; this.#startMs + this.#given * this.#intervalMs <= time; this.#given++)
      for (const { column, samples } of this.#inputs.values()) {
        const sample = samples[this.#given];
        if (sample !== undefined) column.append(this.#startMs + this.#given * this.#intervalMs, sample);
      }
  }

  select({ matchers, startExclusive, end }: SelectRequest): Promise<SelectResult> {
    const named = matchers.find(({ name, literals }) => name === METRIC_NAME && literals?.length === 1);
    const candidates =
      named?.literals === undefined ? this.#columns : (this.#byName.get(named.literals[0] ?? '') ?? []);
    const series: SeriesColumns[] = [];
    for (const column of candidates) {
      if (!matchers.every((matcher) => matcher.matches(column.labels.get(matcher.name)))) continue;
      const window = column.window(startExclusive, end);
      if (window !== undefined) series.push(window);
    }
    return Promise.resolve({ series });
  }

  appender(): RuleAppender {
    let refused = 0;
    const put = (ref: number, time: number, sample: Sample): boolean => {
      if (!this.#column(ref).append(time, sample)) refused++;
      return true;
    };
    return {
      refusal: null,
      resolve: (labels) => this.#resolve(labels),
      append: (ref, time, value) => put(ref, time, isStaleMarker(value) ? 'stale' : value),
      appendHistogram: put,
      appendStale: (ref, time) => put(ref, time, 'stale'),
      commit: () =>
        Promise.resolve({ rejected: refused === 0 ? [] : [{ reason: 'not newer', count: refused }] }),
    };
  }

  #resolve(labels: Labels): number {
    const known = this.#refs.get(labels.key);
    if (known !== undefined) return known;
    const column = new Column(labels);
    const ref = this.#columns.push(column) - 1;
    this.#refs.set(labels.key, ref);
    const { metricName } = labels;
    const namesakes = this.#byName.get(metricName);
    if (namesakes === undefined) this.#byName.set(metricName, [column]);
    else namesakes.push(column);
    return ref;
  }

  #column(ref: number): Column {
    const column = this.#columns[ref];
    if (column === undefined) throw new RangeError(`no series ${ref}`);
    return column;
  }
}

/** Undefined for gaps. Histograms get the reset hints a storage would give them. */
function samplesOf(items: readonly SeriesItem[]): readonly (Sample | undefined)[] {
  if (!items.some((item) => typeof item === 'object'))
    return items.map((item) => (item === 'gap' || typeof item === 'object' ? undefined : item));
  const present = items.flatMap((item) => (item === 'gap' ? [] : [item]));
  const stored = asStored(present.map((item) => (typeof item === 'object' ? item.histogram : undefined)));
  let at = -1;
  return items.map((item) => {
    if (item === 'gap') return undefined;
    at++;
    return typeof item === 'object' ? stored[at] : item;
  });
}
