import {
  groupByAllLabels,
  groupByStream,
  type LogResult,
  type LogStream,
  type MatrixResult,
  type MetricInstantResult,
  type QueryStats,
} from '@pharos/logql';
import type { Labels } from '@pharos/promql';
import type { JsonPieces } from '../../../http/json-stream.ts';

const texts = new WeakMap<Labels, string>();

/** A label set as a JSON object; names and values are arbitrary text. */
export function labelsJson(labels: Labels): string {
  let text = texts.get(labels);
  if (text === undefined) {
    const parts: string[] = [];
    for (const [name, value] of labels.toMap())
      parts.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
    texts.set(labels, (text = `{${parts.join(',')}}`));
  }
  return text;
}

export interface AnswerOptions {
  /** Where each label comes from is told, entry by entry (LQ-4). */
  readonly categorize: boolean;
  readonly warnings: readonly string[];
  readonly stats: object;
}

/** `{"status":"success","data":{"resultType":…,"result":…,"stats":…}}`, in this order (LQ-3). */
export function* answerPieces(
  result: LogResult | MatrixResult | MetricInstantResult,
  { categorize, warnings, stats }: AnswerOptions,
): JsonPieces {
  yield `{"status":"success","data":{"resultType":"${result.type}",`;
  if (categorize) yield '"encodingFlags":["categorize-labels"],';
  yield '"result":';
  if (result.type === 'streams') yield* streamPieces(result, categorize);
  else if (result.type === 'matrix') yield* matrixPieces(result);
  else yield vectorText(result);
  yield `,"stats":${JSON.stringify(stats)}}`;
  if (warnings.length > 0) yield `,"warnings":${JSON.stringify(warnings)}`;
  yield '}';
}

function* streamPieces({ entries }: LogResult, categorize: boolean): JsonPieces {
  const streams = categorize ? groupByStream(entries) : groupByAllLabels(entries);
  yield '[';
  for (const [i, stream] of streams.entries()) {
    if (i > 0) yield ',';
    yield* streamText(stream, categorize);
  }
  yield ']';
}

/** One stream with its entries, as query and tail answer it. */
export function* streamText({ labels, entries }: LogStream, categorize: boolean): Iterable<string> {
  yield `{"stream":${labelsJson(labels)},"values":[`;
  for (const [i, { timestamp, line, labels: sources }] of entries.entries()) {
    const third = categorize ? `,${categoriesText(sources.metadata, sources.parsed)}` : '';
    yield `${i > 0 ? ',' : ''}["${timestamp}",${JSON.stringify(line)}${third}]`;
  }
  yield ']}';
}

function categoriesText(metadata: Labels, parsed: Labels): string {
  const parts: string[] = [];
  if (metadata.size > 0) parts.push(`"structuredMetadata":${labelsJson(metadata)}`);
  if (parsed.size > 0) parts.push(`"parsed":${labelsJson(parsed)}`);
  return `{${parts.join(',')}}`;
}

function* matrixPieces({ series, start, stepNs }: MatrixResult): JsonPieces {
  yield '[';
  for (const [i, { labels, values, present }] of series.entries()) {
    yield `${i > 0 ? ',' : ''}{"metric":${labelsJson(labels)},"values":[`;
    let first = true;
    for (const [k, value] of values.entries()) {
      if (present[k] === 0) continue;
      const time = start + BigInt(Math.round(k * stepNs));
      yield `${first ? '' : ','}[${secondsText(time)},"${decimalText(value)}"]`;
      first = false;
    }
    yield ']}';
  }
  yield ']';
}

function vectorText(result: MetricInstantResult): string {
  const time = secondsText(result.time);
  if (result.type === 'scalar') return `[${time},"${decimalText(result.value)}"]`;
  const samples = result.samples.map(
    ({ labels, value }) => `{"metric":${labelsJson(labels)},"value":[${time},"${decimalText(value)}"]}`,
  );
  return `[${samples.join(',')}]`;
}

/** Seconds with milliseconds, trailing zeros trimmed. */
export function secondsText(ns: bigint): string {
  return String(Number(ns / 1_000_000n) / 1000);
}

/** A value without an exponent, as Loki writes all of them: the shortest digits that read back equal. */
export function decimalText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = '', head = '', tail = '', exponent = '0'] = match;
  const digits = head + tail;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

export interface Measured {
  readonly stats: QueryStats;
  /** Lines that the engine counted itself. */
  readonly counted: number;
  readonly queuedMs: number;
  readonly totalMs: number;
}

/** What a query did, in the fields clients read (LQ-3); ours knows neither chunks nor caches. */
export function statsJson({ stats, counted, queuedMs, totalMs }: Measured): object {
  const seconds = totalMs / 1000;
  const lines = stats.linesProcessed + counted;
  const perSecond = (amount: number): number => (seconds > 0 ? Math.round(amount / seconds) : 0);
  const none = { compressedBytes: 0, decompressedBytes: 0, decompressedLines: 0, totalDuplicates: 0 };
  const store = { totalChunksRef: 0, totalChunksDownloaded: 0, chunksDownloadTime: 0, chunk: none };
  return {
    summary: {
      bytesProcessedPerSecond: perSecond(stats.bytesProcessed),
      linesProcessedPerSecond: perSecond(lines),
      totalBytesProcessed: stats.bytesProcessed,
      totalLinesProcessed: lines,
      execTime: seconds,
      queueTime: queuedMs / 1000,
      subqueries: 0,
      totalEntriesReturned: stats.entriesReturned,
      splits: 0,
      shards: 0,
      totalPostFilterLines: stats.linesKept + counted,
      totalStructuredMetadataBytesProcessed: 0,
    },
    querier: { store },
    ingester: { totalReached: 0, totalChunksMatched: 0, totalBatches: 0, totalLinesSent: 0, store },
  };
}
