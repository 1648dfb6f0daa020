import { StageError } from '../errors.ts';
import type { JsonReader } from './json-reader.ts';

/** A way into a JSON value: names of members and indexes of elements. */
export type JsonPath = readonly (string | number)[];

const STEP = /\.?([a-zA-Z_][\w-]*)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** `user.id`, `tags[0]`, `headers["content-type"]`. */
export function parseJsonPath(expression: string): JsonPath {
  const path: (string | number)[] = [];
  const trimmed = expression.trim();
  let at = 0;
  while (at < trimmed.length) {
    STEP.lastIndex = at;
    const step = STEP.exec(trimmed);
    if (step === null) throw refused(expression, at);
    const [whole, name, index, quoted] = step;
    // A dot stands between names, and only there.
    if (name !== undefined && (at === 0) === whole.startsWith('.')) throw refused(expression, at);
    if (name !== undefined) path.push(name);
    else if (index !== undefined) path.push(Number(index));
    else path.push(unquote(expression, at, quoted ?? '""'));
    at += whole.length;
  }
  if (path.length === 0) throw refused(expression, 0);
  return path;
}

function unquote(expression: string, at: number, quoted: string): string {
  try {
    const text: unknown = JSON.parse(quoted);
    if (typeof text === 'string') return text;
  } catch {
    // Told below.
  }
  throw refused(expression, at);
}

function refused(expression: string, at: number): StageError {
  return new StageError(
    `cannot parse expression [${expression}]: syntax error at ${at + 1}, expected a path such as a.b[0]["c d"]`,
  );
}

/**
 * What lies at the end of a path in the value ahead of the reader: strings decoded, everything else as it was written, `''`
 * for null, undefined for nothing. A mistake in the text is told by the reader's `problem`.
 */
export function followJsonPath(reader: JsonReader, path: JsonPath, step = 0): string | undefined {
  const kind = reader.kind();
  if (kind === undefined) return undefined;
  const wanted = path[step];
  if (wanted === undefined) {
    if (kind === 'string') return reader.string();
    const raw = reader.raw();
    return kind === 'null' && raw !== undefined ? '' : raw;
  }
  let found: string | undefined;
  const visit = (name: string | number): boolean => {
    if (name !== wanted || found !== undefined) return reader.skip();
    found = followJsonPath(reader, path, step + 1);
    return found !== undefined || reader.problem === '';
  };
  if (kind === 'object' && typeof wanted === 'string') reader.object(visit);
  else if (kind === 'array' && typeof wanted === 'number') reader.array(visit);
  else reader.skip();
  return found;
}
