import { latin1 } from './bytes.ts';

/** Why a line is refused: a closed set, so that it can label a metric. */
export type ExpositionReason =
  | 'name'
  | 'labels'
  | 'value'
  | 'timestamp'
  | 'exemplar'
  | 'metadata'
  | 'utf8'
  | 'too_long'
  | 'line'
  | 'eof';

/** Refused input: where, why, and the text that was refused (shortened, control characters escaped). */
export interface ExpositionProblem {
  readonly line: number;
  readonly reason: ExpositionReason;
  readonly message: string;
  readonly text: string;
}

const SHOWN_BYTES = 120;

/** The line around a position, made safe to show: at most 120 bytes, anything unprintable escaped. */
export function excerpt(bytes: Uint8Array, start: number, limit: number): string {
  let end = start;
  while (end < limit && bytes[end] !== 0x0a && end - start < SHOWN_BYTES) end++;
  const cut = end < limit && bytes[end] !== 0x0a;
  const shown = latin1(bytes, start, end).replace(
    /[^\x20-\x7e]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return cut ? `${shown}...` : shown;
}

/** One-based line number of a position. */
export function lineOf(bytes: Uint8Array, position: number): number {
  let line = 1;
  for (let i = 0; i < position; i++) if (bytes[i] === 0x0a) line++;
  return line;
}

/** `line 3: expected a value after the series: "foo{a=\"b\"} x"` */
export function describeProblem(problem: ExpositionProblem): string {
  return `line ${problem.line}: ${problem.message}: ${JSON.stringify(problem.text)}`;
}
