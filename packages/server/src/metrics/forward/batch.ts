import type { Histogram } from '@pharos/promql';
import type { Frame } from '../../journal/index.ts';
import type { Exemplar } from '../sink.ts';
import { readExemplarRows } from '../store/exemplars/rows.ts';
import { decodeHistogram } from '../store/histograms/codec.ts';
import { readHistogramRows } from '../store/histograms/rows.ts';
import { readSampleRows } from '../store/rows.ts';
import { keyText, type SeriesKey } from '../store/series-key.ts';
import { exemplarsTable, histogramsTable, samplesTable } from '../tables.ts';

/** Samples of one series as they stood in the journal. */
export interface Waiting {
  readonly key: SeriesKey;
  readonly timestamps: number[];
  /** Pairs of words, so that a staleness marker keeps its bits. */
  readonly words: number[];
  readonly histograms: (Histogram | undefined)[];
  /** When the counting of each sample began, ms; 0 for unknown. */
  readonly starts: number[];
  readonly exemplars: Exemplar[];
}

export interface Batch {
  /** By the key's text, in the order they first came. */
  readonly series: ReadonlyMap<string, Waiting>;
  readonly histograms: number;
}

/**
 * Gathers one tenant's samples of a stretch of the journal by series. Native histograms are counted, and kept when wanted; so are
 * exemplars kept.
 */
export function gather(
  frames: readonly Frame[],
  tenant: string,
  wanted: { readonly histograms: boolean; readonly exemplars: boolean },
): Batch {
  const series = new Map<string, Waiting>();
  let histograms = 0;
  const waitingOf = (key: SeriesKey): Waiting => {
    const id = keyText(key);
    let waiting = series.get(id);
    if (waiting === undefined) {
      waiting = { key, timestamps: [], words: [], histograms: [], starts: [], exemplars: [] };
      series.set(id, waiting);
    }
    return waiting;
  };
  for (const frame of frames) {
    if (frame.tenant !== tenant) continue;
    if (frame.table === samplesTable.name)
      readSampleRows(frame, (key, { timestamp, start, value }) => {
        const waiting = waitingOf(key);
        const bits = new Uint32Array(value.buffer);
        waiting.timestamps.push(timestamp);
        waiting.words.push(bits[0], bits[1]);
        waiting.histograms.push(undefined);
        waiting.starts.push(start);
      });
    else if (frame.table === histogramsTable.name)
      readHistogramRows(frame, (key, { timestamp, start, record }) => {
        histograms++;
        if (!wanted.histograms) return;
        const waiting = waitingOf(key);
        waiting.timestamps.push(timestamp);
        waiting.words.push(0, 0);
        waiting.histograms.push(decodeHistogram(record));
        waiting.starts.push(start);
      });
    else if (frame.table === exemplarsTable.name && wanted.exemplars)
      readExemplarRows(frame, (key, exemplar) => void waitingOf(key).exemplars.push(exemplar));
  }
  return { series, histograms };
}

/** The values as doubles again. */
export function valuesOf({ words }: Waiting): Float64Array {
  return new Float64Array(Uint32Array.from(words).buffer);
}
