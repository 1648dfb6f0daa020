import type { Labels, SeriesColumns } from '@pharos/promql';
import { RecordColumns } from './record-columns.ts';
import { mergeRich, windowOfRecords } from './rich-window.ts';
import { HISTOGRAMS, STARTS } from './series-pages.ts';
import { StartRuns } from './start-runs.ts';

/** Which samples of a series are read, and whether their start times are. */
export interface RichRead {
  readonly labels: Labels;
  readonly startExclusive: number;
  readonly end: number;
  readonly wantStarts: boolean;
}

/** What the head holds besides plain floats: native histograms and start times. */
export class RichSide {
  readonly records = new RecordColumns();
  readonly starts = new StartRuns();

  /** The float samples of a series of these kinds with everything else it has, in columns of its own; null when there is none. */
  join(ref: number, kinds: number, floats: SeriesColumns | null, read: RichRead): SeriesColumns | null {
    const started = floats !== null && read.wantStarts && (kinds & STARTS) !== 0;
    const plain = started ? this.#withStarts(ref, floats) : floats;
    const found = (kinds & HISTOGRAMS) === 0 ? null : this.records.read(ref, read.startExclusive, read.end);
    if (found === null) return plain;
    const histograms = windowOfRecords(found, read.wantStarts);
    return { labels: read.labels, ...(plain === null ? histograms : mergeRich(plain, histograms)) };
  }

  forget(ref: number): void {
    this.records.forget(ref);
    this.starts.forget(ref);
  }

  #withStarts(ref: number, floats: SeriesColumns): SeriesColumns {
    const timestamps = floats.timestamps.slice(floats.from, floats.to);
    const values = floats.values.slice(floats.from, floats.to);
    const starts = new Float64Array(timestamps.length);
    this.starts.fill(ref, timestamps, starts);
    return { labels: floats.labels, timestamps, values, from: 0, to: timestamps.length, starts };
  }
}
