import { StageError } from '../errors.ts';

/** A literal text, or a capture: `_` is one without a name. */
type Part = { readonly literal: string } | { readonly capture: string };

const CAPTURE = /<([a-zA-Z_][a-zA-Z0-9_]*)>/g;

function readParts(pattern: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of pattern.matchAll(CAPTURE)) {
    if (match.index > end) parts.push({ literal: pattern.slice(end, match.index) });
    else if (match.index > 0)
      throw new StageError(
        `invalid pattern ${JSON.stringify(pattern)}: found consecutive capture ${JSON.stringify(match[0])}, expected a text between captures`,
      );
    parts.push({ capture: match[1] ?? '_' });
    end = match.index + match[0].length;
  }
  if (end < pattern.length) parts.push({ literal: pattern.slice(end) });
  return parts;
}

/** The `pattern` parser's expression: `<ip> - <_> "<method> <path>"`. */
export interface LinePattern {
  readonly names: readonly string[];
  /** The values of the named captures that were reached, in order; fewer than names where the line ends early. */
  capture(line: string): readonly string[];
}

export function compileLinePattern(pattern: string): LinePattern {
  const parts = readParts(pattern);
  const names = parts.flatMap((part) => ('capture' in part && part.capture !== '_' ? [part.capture] : []));
  if (names.length === 0)
    throw new StageError(`invalid pattern ${JSON.stringify(pattern)}: at least one capture is required`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new StageError(`invalid pattern ${JSON.stringify(pattern)}: duplicate capture name (${twice})`);
  return { names, capture: (line) => captureParts(parts, line) };
}

/** Each capture goes up to the next literal, the last one, or one whose literal is missing, to the end. */
function captureParts(parts: readonly Part[], line: string): readonly string[] {
  const values: string[] = [];
  if (line === '') return values;
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part === undefined) break;
    if ('literal' in part) {
      // Only a leading literal gets here: all others are consumed with the capture before them.
      if (!line.startsWith(part.literal)) return values;
      at = part.literal.length;
      continue;
    }
    const next = parts[i + 1];
    const found = next !== undefined && 'literal' in next ? line.indexOf(next.literal, at) : -1;
    if (part.capture !== '_') values.push(found === -1 ? line.slice(at) : line.slice(at, found));
    if (found === -1 || next === undefined || !('literal' in next)) return values;
    at = found + next.literal.length;
    i++;
  }
  return values;
}

/** A test whether a whole line has the shape of a pattern of the filters `|>` and `!>`; `<_>` stands for one character or more. */
export function compileShape(pattern: string): (line: string) => boolean {
  const parts = readParts(pattern);
  const named = parts.find((part) => 'capture' in part && part.capture !== '_');
  if (named !== undefined && 'capture' in named)
    throw new StageError(
      `invalid pattern ${JSON.stringify(pattern)}: named captures are not allowed in a line filter, got <${named.capture}>, expected <_>`,
    );
  return (line) => hasShape(parts, line);
}

function hasShape(parts: readonly Part[], line: string): boolean {
  if (parts.length === 0 || line === '') return parts.length === 0 && line === '';
  let at = 0;
  let open = false;
  for (const part of parts) {
    if ('capture' in part) {
      open = true;
      continue;
    }
    // A capture ends where the next literal first stands, as in the parser; there it must not be empty.
    const found = line.indexOf(part.literal, at);
    if (found === -1 || (found === at) === open) return false;
    at = found + part.literal.length;
    open = false;
  }
  return open ? at < line.length : at === line.length;
}
