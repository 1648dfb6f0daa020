import {
  type FloatMatrix,
  formatValue,
  type Grid,
  type Histogram,
  type InstantResult,
  type Labels,
  type MatrixSeries,
  type RangeResult,
  type RawSeries,
} from '@pharos/promql';
import type { FastifyReply } from 'fastify';
import { type JsonPieces, sendPieces } from '../../http/json-stream.ts';
import { histogramText } from './histogram-json.ts';
import { labelsText } from './label-json.ts';
import { matrixPieces, samplePieces } from './matrix-json.ts';

/** Characters of one piece: about a millisecond of work. */
const PIECE = 256 * 1024;
const TEXTS_OF_A_PIECE = 4096;
/** At most this many warnings, and as many infos, stand in an answer. */
const MOST_NOTES = 10;

export interface Notes {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/** Answers `{"status":"success","data":…}` with the data streamed (PQ-4: status first). */
export function sendData(reply: FastifyReply, data: JsonPieces, notes: Notes = {}): FastifyReply {
  void reply.header('content-type', 'application/json');
  return sendPieces(reply, envelope(data, notes));
}

/** The same for data that is small and ready. */
export function sendSmall(reply: FastifyReply, data: unknown, notes: Notes = {}): FastifyReply {
  void reply.header('content-type', 'application/json');
  return reply.send([...envelope([JSON.stringify(data)], notes)].join(''));
}

function* envelope(data: JsonPieces, notes: Notes): Generator<string | Buffer> {
  yield '{"status":"success","data":';
  yield* data;
  yield notesText('warnings', notes.warnings);
  yield notesText('infos', notes.infos);
  yield '}';
}

function notesText(key: string, notes: readonly string[] | undefined): string {
  if (notes === undefined || notes.length === 0) return '';
  return `,${JSON.stringify(key)}:${JSON.stringify(notes.slice(0, MOST_NOTES))}`;
}

/** A query result: `resultType` before `result` (PQ-4), `stats` last. */
export function* resultPieces(
  result: InstantResult | RangeResult,
  limit: number,
  stats: object | undefined,
): Generator<string | Buffer> {
  yield `{"resultType":${JSON.stringify(result.type)},"result":`;
  if (result.type === 'scalar') yield samplePair(result.time, formatValue(result.value));
  else if (result.type === 'string') yield samplePair(result.time, result.value);
  else if ('matrix' in result && result.matrix !== undefined) yield* matrixList(result, result.matrix, limit);
  else yield* list(seriesPieces(result), limit);
  if (stats !== undefined) yield `,"stats":${JSON.stringify(stats)}`;
  yield '}';
}

/** How many series the result has; 0 for scalar and string. */
export function seriesCount(result: InstantResult | RangeResult): number {
  if ('matrix' in result) return result.matrix?.items.length ?? 0;
  if (result.type === 'vector') return result.samples.length;
  return result.type === 'matrix' ? result.series.length : 0;
}

function* matrixList(
  result: Extract<InstantResult, { type: 'vector' }> | RangeResult,
  matrix: FloatMatrix,
  limit: number,
): Generator<string | Buffer> {
  yield '[';
  if (result.type === 'vector') yield* samplePieces(matrix, result.time, limit);
  else yield* matrixPieces(matrix, result.grid, limit);
  yield ']';
}

function* list(items: Iterable<Iterable<string>>, limit: number): Generator<string> {
  yield '[';
  let count = 0;
  for (const item of items) {
    if (limit > 0 && count >= limit) break;
    if (count++ > 0) yield ',';
    yield* item;
  }
  yield ']';
}

function* seriesPieces(
  result: Exclude<InstantResult, { type: 'scalar' | 'string' }> | RangeResult,
): Generator<Iterable<string>> {
  if (result.type === 'vector') {
    for (const { labels, value, histogram } of result.samples) {
      const sample =
        histogram === undefined
          ? `"value":${samplePair(result.time, formatValue(value))}`
          : `"histogram":[${secondsText(result.time)},${histogramText(histogram)}]`;
      yield [`{"metric":${labelsText(labels)},${sample}}`];
    }
  } else if ('grid' in result) {
    const { grid } = result;
    // The same for all series: written once.
    const times = Array.from(
      { length: grid.count },
      (_, i) => `[${secondsText(grid.start + i * grid.step)},"`,
    );
    for (const { labels, values, present, histograms } of result.series)
      yield histograms === undefined
        ? gridSeries(labels, values, present, times)
        : mixedSeries(labels, pointsOnGrid({ values, present, histograms }, grid));
  } else {
    for (const { labels, timestamps, values, histograms } of result.series)
      yield histograms === undefined
        ? rawSeries(labels, timestamps, values)
        : mixedSeries(labels, rawPoints({ timestamps, values, histograms }));
  }
}

function* gridSeries(
  labels: Labels,
  values: Float64Array,
  present: Uint8Array,
  times: readonly string[],
): Generator<string> {
  let text = `{"metric":${labelsText(labels)},"values":[`;
  let first = true;
  let last = 0;
  let lastText = '0';
  for (let i = 0; i < values.length; i++) {
    if (present[i] === 0) continue;
    const value = values[i];
    if (value !== last || value === 0) {
      last = value;
      lastText = formatValue(value);
    }
    text += first ? times[i] : `,${times[i]}`;
    text += `${lastText}"]`;
    first = false;
    if (text.length > PIECE) {
      yield text;
      text = '';
    }
  }
  yield `${text}]}`;
}

function* rawSeries(labels: Labels, timestamps: Float64Array, values: Float64Array): Generator<string> {
  let text = `{"metric":${labelsText(labels)},"values":[`;
  for (let i = 0; i < values.length; i++) {
    text += `${i === 0 ? '' : ','}[${secondsText(timestamps[i])},"${formatValue(values[i])}"]`;
    if (text.length > PIECE) {
      yield text;
      text = '';
    }
  }
  yield `${text}]}`;
}

interface Point {
  readonly time: number;
  readonly value: number;
  readonly histogram: Histogram | undefined;
}

function pointsOnGrid(
  { values, present, histograms = [] }: Pick<MatrixSeries, 'values' | 'present' | 'histograms'>,
  grid: Grid,
): readonly Point[] {
  const points: Point[] = [];
  for (let i = 0; i < values.length; i++)
    if (present[i] === 1)
      points.push({ time: grid.start + i * grid.step, value: values[i], histogram: histograms[i] });
  return points;
}

function rawPoints({
  timestamps,
  values,
  histograms = [],
}: Pick<RawSeries, 'timestamps' | 'values' | 'histograms'>): readonly Point[] {
  return Array.from(timestamps, (time, i) => ({ time, value: values[i], histogram: histograms[i] }));
}

/** A series with histograms: `values` and `histograms`, each only where it has any (PQ-5). */
function* mixedSeries(labels: Labels, points: readonly Point[]): Generator<string> {
  yield `{"metric":${labelsText(labels)}`;
  const floats = points.filter(({ histogram }) => histogram === undefined);
  if (floats.length > 0) {
    yield ',"values":';
    yield* pairs(floats.map(({ time, value }) => samplePair(time, formatValue(value))));
  }
  yield ',"histograms":';
  yield* pairs(
    points.flatMap(({ time, histogram }) =>
      histogram === undefined ? [] : [`[${secondsText(time)},${histogramText(histogram)}]`],
    ),
  );
  yield '}';
}

function* pairs(items: readonly string[]): Generator<string> {
  yield '[';
  for (const [i, item] of items.entries()) yield i === 0 ? item : `,${item}`;
  yield ']';
}

/** RFC 3339; Go's zero time for what never was. */
export function isoTime(ms: number | null): string {
  return ms === null ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString();
}

/** A list of label sets. */
export function labelSetPieces(sets: readonly Labels[]): Iterable<string> {
  return list(
    (function* items(): Generator<Iterable<string>> {
      for (const labels of sets) yield [labelsText(labels)];
    })(),
    0,
  );
}

/** Texts as a JSON list, some thousand at a time. */
export function* stringPieces(items: readonly string[]): Generator<string> {
  yield '[';
  for (let from = 0; from < items.length; from += TEXTS_OF_A_PIECE) {
    const part = JSON.stringify(items.slice(from, from + TEXTS_OF_A_PIECE));
    yield `${from === 0 ? '' : ','}${part.slice(1, -1)}`;
  }
  yield ']';
}

/** `[1700000000.123,"1.5"]` (PQ-3). */
function samplePair(timestamp: number, value: string): string {
  return `[${secondsText(timestamp)},${JSON.stringify(value)}]`;
}

function secondsText(timestamp: number): string {
  return String(timestamp / 1000);
}
