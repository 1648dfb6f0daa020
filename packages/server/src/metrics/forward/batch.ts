import type { Histogram } from '@pharos/promql';
import type { Frame } from '../../journal/index.ts';
import { decodeHistogram } from '../store/histograms/codec.ts';
import { readHistogramRows } from '../store/histograms/rows.ts';
import { readSampleRows } from '../store/rows.ts';
import { keyText, type SeriesKey } from '../store/series-key.ts';
import { histogramsTable, samplesTable } from '../tables.ts';

/** Samples of one series as they stood in the journal. */
export interface Waiting {
  readonly key: SeriesKey;
  readonly timestamps: number[];
  /** Pairs of words, so that a staleness marker keeps its bits. */
  readonly words: number[];
  readonly histograms: (Histogram | undefined)[];
}

export interface Batch {
  /** By the key's text, in the order they first came. */
  readonly series: ReadonlyMap<string, Waiting>;
  readonly histograms: number;
}

/** Gathers one tenant's samples of a stretch of the journal by series. Native histograms are counted, and kept when wanted. */
export function gather(frames: readonly Frame[], tenant: string, withHistograms: boolean): Batch {
  const series = new Map<string, Waiting>();
  let histograms = 0;
  const waitingOf = (key: SeriesKey): Waiting => {
    const id = keyText(key);
    let waiting = series.get(id);
    if (waiting === undefined) series.set(id, (waiting = { key, timestamps: [], words: [], histograms: [] }));
    return waiting;
  };
  for (const frame of frames) {
    if (frame.tenant !== tenant) continue;
    if (frame.table === samplesTable.name)
      readSampleRows(frame, (key, { timestamp, value }) => {
        const waiting = waitingOf(key);
        const bits = new Uint32Array(value.buffer);
        waiting.timestamps.push(timestamp);
        waiting.words.push(bits[0], bits[1]);
        waiting.histograms.push(undefined);
      });
    else if (frame.table === histogramsTable.name)
      readHistogramRows(frame, (key, { timestamp, record }) => {
        histograms++;
        if (!withHistograms) return;
        const waiting = waitingOf(key);
        waiting.timestamps.push(timestamp);
        waiting.words.push(0, 0);
        waiting.histograms.push(decodeHistogram(record));
      });
  }
  return { series, histograms };
}

/** The values as doubles again. */
export function valuesOf({ words }: Waiting): Float64Array {
  return new Float64Array(Uint32Array.from(words).buffer);
}
