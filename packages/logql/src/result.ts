import { compareText, Labels } from '@pharos/promql';
import type { CategorizedLabels } from './pipeline/entry.ts';

export interface QueryStats {
  /** Read from storage, before any filter of ours. */
  readonly linesProcessed: number;
  readonly bytesProcessed: number;
  /** Lines that passed all stages; of a log query with a limit, those that were still looked at. */
  readonly linesKept: number;
  readonly entriesReturned: number;
  readonly seriesReturned: number;
  /** Range aggregations the storage counted itself. */
  readonly pushedDown: number;
  /** Wall clock; 0 without a clock. */
  readonly seconds: number;
}

/** One line of an answer. */
export interface LogEntry {
  /** ns since the Unix epoch. */
  readonly timestamp: bigint;
  readonly line: string;
  readonly labels: CategorizedLabels;
}

export interface LogResult {
  readonly type: 'streams';
  /** In the direction asked for, over all streams. */
  readonly entries: readonly LogEntry[];
  readonly stats: QueryStats;
}

export interface LogSample {
  readonly labels: Labels;
  readonly value: number;
}

/** `vector` keeps the order of sort and topk; otherwise samples are sorted by labels. */
export type MetricInstantResult = { readonly time: bigint; readonly stats: QueryStats } & (
  | { readonly type: 'vector'; readonly samples: readonly LogSample[] }
  | { readonly type: 'scalar'; readonly value: number }
);

/** One series of a range query: a value per step, meaningful where `present` is 1. */
export interface LogSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

/** Point i lies at `start + i * stepNs`. Series are sorted by labels, none without a point. */
export interface MatrixResult {
  readonly type: 'matrix';
  readonly start: bigint;
  readonly stepNs: number;
  readonly count: number;
  readonly series: readonly LogSeries[];
  readonly stats: QueryStats;
}

/** One stream of an answer. */
export interface LogStream {
  readonly labels: Labels;
  readonly entries: readonly LogEntry[];
}

/** Entries by the labels of their streams alone, streams in order of first appearance (LQ-4, categorised). */
export function groupByStream(entries: readonly LogEntry[]): readonly LogStream[] {
  return groupBy(entries, ({ stream }) => stream);
}

/** Entries by all their labels, wherever they come from (LQ-4, without the header). */
export function groupByAllLabels(entries: readonly LogEntry[]): readonly LogStream[] {
  return groupBy(entries, mergeCategories);
}

function groupBy(
  entries: readonly LogEntry[],
  labelsOf: (labels: CategorizedLabels) => Labels,
): readonly LogStream[] {
  const streams = new Map<string, { labels: Labels; entries: LogEntry[] }>();
  for (const entry of entries) {
    const labels = labelsOf(entry.labels);
    const stream = streams.get(labels.key);
    if (stream === undefined) streams.set(labels.key, { labels, entries: [entry] });
    else stream.entries.push(entry);
  }
  return [...streams.values()];
}

/** The categories share no name, so that nothing is lost. */
function mergeCategories({ stream, metadata, parsed }: CategorizedLabels): Labels {
  if (metadata.size === 0 && parsed.size === 0) return stream;
  const all: (readonly [string, string])[] = [];
  for (const { pairs } of [stream, metadata, parsed])
    for (let i = 0; i < pairs.length; i += 2) all.push([pairs[i] ?? '', pairs[i + 1] ?? '']);
  return Labels.fromSortedPairs(all.sort(([a], [b]) => compareText(a, b)).flat());
}
