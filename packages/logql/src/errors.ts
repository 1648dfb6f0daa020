import { QueryError } from '@pharos/promql';

/** `line L, col C` of an offset, both from 1, the column in characters as Loki counts it. */
function place(text: string, offset: number): string {
  const before = text.slice(0, Math.max(0, offset));
  const lastBreak = before.lastIndexOf('\n');
  let line = 1;
  for (let i = before.indexOf('\n'); i !== -1; i = before.indexOf('\n', i + 1)) line++;
  let column = 1;
  for (const _ of before.slice(lastBreak + 1)) column++;
  return `line ${line}, col ${column}`;
}

/** A parse error in Loki's form, with the offset of the culprit. */
export function parseError(query: string, offset: number, message: string): QueryError {
  return new QueryError('bad_data', `parse error at ${place(query, offset)}: ${message}`, {
    position: offset,
  });
}

/** A stage or literal that cannot be built; whoever knows the place in the query turns it into a parse error. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

export function executionError(message: string): QueryError {
  return new QueryError('execution', message);
}
