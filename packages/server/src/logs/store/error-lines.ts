import { type LineChunk, type RowLine, readRow } from './chunk.ts';

/** A line that tells of an error with its stack or its class. */
export interface ErrorLine extends RowLine {
  readonly tenant: string;
  /** Epoch ms. */
  readonly time: number;
}

/** What such a line has somewhere: a frame of a stack, or a field of OpenTelemetry's conventions for exceptions. */
const NEEDLES = [
  Buffer.from('    at '),
  Buffer.from('exception.'),
  Buffer.from('exception_'),
  Buffer.from('Traceback (most'),
];
const LEVELS: ReadonlySet<string> = new Set(['error', 'fatal', 'critical']);
/** Of one chunk: a storm of them says nothing more. */
const MOST = 1000;

/** The lines of a chunk that are errors and may have a stack. Chunks without are only looked through as bytes. */
export function errorLinesOf(chunk: LineChunk): readonly ErrorLine[] {
  const payload = Buffer.from(chunk.payload.buffer, chunk.payload.byteOffset, chunk.payload.byteLength);
  const rows = new Set<number>();
  for (const needle of NEEDLES) addRows(chunk, payload, needle, rows);
  return [...rows]
    .sort((a, b) => a - b)
    .map((row) => ({ ...readRow(chunk, row), tenant: chunk.tenant, time: chunk.ms[row] ?? 0 }))
    .filter(({ level }) => LEVELS.has(level));
}

function addRows({ offsets, rows }: LineChunk, payload: Buffer, needle: Buffer, into: Set<number>): void {
  let row = 0;
  for (let at = payload.indexOf(needle); at >= 0 && into.size < MOST; ) {
    while (row + 1 < rows && offsets[row + 1] <= at) row++;
    into.add(row);
    if (row + 1 >= rows) return;
    at = payload.indexOf(needle, offsets[row + 1]);
  }
}
