import { levelRank } from '../level.ts';
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
/** Places of the levels that errors have. */
const RANKS: ReadonlySet<number> = new Set(['error', 'fatal', 'critical'].map(levelRank));
/** Of one chunk: a storm of them says nothing more. */
const MOST = 1000;

/** The lines of a chunk that are errors and may have a stack. No other line is looked at. */
export function errorLinesOf(chunk: LineChunk): readonly ErrorLine[] {
  const { tenant, rows, payload, offsets, ms, levels } = chunk;
  const found: ErrorLine[] = [];
  for (let row = 0; row < rows && found.length < MOST; row++) {
    if (!RANKS.has(levels[row])) continue;
    const end = row + 1 < rows ? offsets[row + 1] : payload.length;
    const bytes = Buffer.from(payload.buffer, payload.byteOffset + offsets[row], end - offsets[row]);
    if (NEEDLES.some((needle) => bytes.includes(needle)))
      found.push({ ...readRow(chunk, row), tenant, time: ms[row] ?? 0 });
  }
  return found;
}
