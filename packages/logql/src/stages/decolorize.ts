import type { StageCompiler } from './types.ts';

const ESCAPE = '\u001b';
/** The one-character form of `ESC [`. */
const CSI = '\u009b';

/** `decolorize`: the line without the control sequences of terminals (ECMA-48). */
export const decolorize: StageCompiler<'decolorize'> = () => (entry) => {
  const { line } = entry;
  if (line.includes(ESCAPE) || line.includes(CSI)) entry.line = withoutSequences(line);
  return true;
};

function withoutSequences(line: string): string {
  let out = '';
  let from = 0;
  for (let at = 0; at < line.length; ) {
    const char = line[at];
    if (char !== ESCAPE && char !== CSI) {
      at++;
      continue;
    }
    out += line.slice(from, at);
    from = endOfSequence(line, at);
    at = from;
  }
  return out + line.slice(from);
}

/** Behind the sequence that begins at an escape; a broken one ends where it breaks. */
function endOfSequence(line: string, start: number): number {
  const csi = line[start] === CSI || line[start + 1] === '[';
  let at = start + (line[start] === CSI ? 1 : 2);
  if (csi) {
    // Parameters, intermediates, and one final character.
    while (isBetween(line, at, 0x30, 0x3f)) at++;
    while (isBetween(line, at, 0x20, 0x2f)) at++;
    return isBetween(line, at, 0x40, 0x7e) ? at + 1 : at;
  }
  if (line[start + 1] !== ']') return Math.min(at, line.length);
  // An operating system command goes up to BEL or `ESC \`; one without an end is only its opening.
  const bell = line.indexOf('\u0007', at);
  const terminator = line.indexOf(`${ESCAPE}\\`, at);
  if (bell === -1 && terminator === -1) return at;
  return terminator === -1 || (bell !== -1 && bell < terminator) ? bell + 1 : terminator + 2;
}

function isBetween(line: string, at: number, low: number, high: number): boolean {
  const code = line.charCodeAt(at);
  return code >= low && code <= high;
}
