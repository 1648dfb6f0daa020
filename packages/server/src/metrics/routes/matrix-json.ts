import { Derivation, type FloatMatrix, type Grid, Labels } from '@pharos/promql';
import { JsonBytes, MOST_FLOAT_BYTES } from './json-bytes.ts';
import { renderLabels } from './label-json.ts';

/** Bytes handed on at once: about a millisecond of work. */
const PIECE = 256 * 1024;
/** Around a point, besides its time and value. */
const POINT_FRAME = 8;

/** `{"metric":{…}` of the label sets of a list, as they were first asked for. */
interface Heads {
  readonly bytes: JsonBytes;
  /** Where each begins and ends; both 0 where it was not asked for yet. */
  readonly begins: Uint32Array;
  readonly ends: Uint32Array;
}

const heads = new Derivation<undefined, Heads>(
  ({ sets: { length } }) => ({
    bytes: new JsonBytes(length * 128 + 64),
    begins: new Uint32Array(length),
    ends: new Uint32Array(length),
  }),
  () => '',
);

const headOf = (labels: Labels): string => `{"metric":${renderLabels(labels)}`;

/** The series of a range query's answer (PQ-3), at most `limit` (0 for all), as bytes. */
export function* matrixPieces(matrix: FloatMatrix, grid: Grid, limit: number): Generator<Buffer> {
  const { steps, items, rows, values, present } = matrix;
  const count = limit > 0 ? Math.min(limit, items.length) : items.length;
  const times = timeTexts(grid);
  const widest = times.widest + MOST_FLOAT_BYTES + POINT_FRAME;
  const writeHead = headWriter(matrix);
  let out = new JsonBytes(Math.min(PIECE + 65_536, 1024 + count * (256 + steps * 40)));
  for (let i = 0; i < count; i++) {
    if (i > 0) out.ascii(',');
    writeHead(out, items[i]);
    out.ascii(',"values":[');
    let next = '';
    const base = rows[i] * steps;
    let previous: number | undefined;
    let [from, to] = [0, 0];
    for (let k = 0; k < steps; k++) {
      if (present[base + k] === 0) continue;
      out.reserve(widest);
      out.ascii(next);
      next = ',';
      out.copy(times.bytes, times.begins[k], times.begins[k + 1]);
      const value = values[base + k];
      const begin = out.length;
      // Zero stands apart: it equals its negative.
      if (value === previous && value !== 0) out.repeat(from, to);
      else out.float(value);
      previous = value;
      [from, to] = [begin, out.length];
      out.ascii('"]');
      if (out.length < PIECE) continue;
      yield out.finish();
      out = new JsonBytes(PIECE + 65_536);
      previous = undefined;
    }
    out.ascii(']}');
  }
  yield out.finish();
}

/** The samples of an instant query's answer, at most `limit` (0 for all), as bytes. */
export function* samplePieces(matrix: FloatMatrix, time: number, limit: number): Generator<Buffer> {
  const { items, rows, steps, values } = matrix;
  const count = limit > 0 ? Math.min(limit, items.length) : items.length;
  const between = `,"value":[${time / 1000},"`;
  const writeHead = headWriter(matrix);
  let out = new JsonBytes(Math.min(PIECE + 65_536, 1024 + count * 256));
  for (let i = 0; i < count; i++) {
    if (i > 0) out.ascii(',');
    writeHead(out, items[i]);
    out.ascii(between);
    out.reserve(MOST_FLOAT_BYTES);
    out.float(values[rows[i] * steps]);
    out.ascii('"]}');
    if (out.length < PIECE) continue;
    yield out.finish();
    out = new JsonBytes(PIECE + 65_536);
  }
  yield out.finish();
}

/** Writes the head of a label set: copied where the list comes again, made on the way where not. */
function headWriter({ labels }: FloatMatrix): (out: JsonBytes, item: number) => void {
  if (!labels.lasting) return (out, item) => out.text(headOf(labels.sets[item] ?? Labels.EMPTY));
  const { bytes, begins, ends } = heads.of(labels, undefined);
  return (out, item) => {
    if (ends[item] === 0) {
      begins[item] = bytes.length;
      bytes.text(headOf(labels.sets[item] ?? Labels.EMPTY));
      ends[item] = bytes.length;
    }
    out.copyFrom(bytes, begins[item], ends[item]);
  };
}

/** The beginnings of all steps' points, one after the other. */
interface Times {
  readonly bytes: Buffer;
  /** Where each begins, and where the last one ends. */
  readonly begins: Uint32Array;
  readonly widest: number;
}

/** `[1700000000.123,"` of each step. */
function timeTexts(grid: Grid): Times {
  const out = new JsonBytes(grid.count * 20 + 64);
  const begins = new Uint32Array(grid.count + 1);
  let widest = 0;
  for (let k = 0; k < grid.count; k++) {
    out.ascii(`[${(grid.start + k * grid.step) / 1000},"`);
    begins[k + 1] = out.length;
    widest = Math.max(widest, begins[k + 1] - begins[k]);
  }
  return { bytes: out.finish(), begins, widest };
}
