/** What the server says about a query, with the place it means. Offsets count UTF-16 units from the start of the text. */
export interface QueryNote {
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

/** `1:5: parse error: …` in errors, `… (1:5)` or `… (1:5-1:9)` at the end of warnings and infos. */
const PLACES = [/(?:^|\s)(\d+):(\d+): /, /\((\d+):(\d+)(?:-\d+:\d+)?\)\s*$/] as const;

/** The offset of a line and column (both from 1) in the text; null when there is no such place. */
export function offsetOf(text: string, line: number, column: number): number | null {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const own = lines[line - 1];
  if (own === undefined || line < 1 || column < 1) return null;
  return before + Math.min(column - 1, own.length);
}

/** The end of the word, number, string or sign that begins at the offset. */
function tokenEnd(text: string, from: number): number {
  const token = /^(?:[\w:.]+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s\w])/.exec(text.slice(from));
  return from + (token?.[0].length ?? 1);
}

/** Finds the place that a message names; without one it concerns the whole text. */
export function noteOf(severity: QueryNote['severity'], message: string, text: string): QueryNote {
  for (const pattern of PLACES) {
    const found = pattern.exec(message);
    const at = found === null ? null : offsetOf(text, Number(found[1]), Number(found[2]));
    if (at === null) continue;
    // "Unexpected end" stands behind the last character: the character before it is marked.
    const from = Math.min(at, Math.max(0, text.length - 1));
    return { severity, message: plain(message), from, to: Math.min(text.length, tokenEnd(text, from)) };
  }
  return { severity, message: plain(message), from: 0, to: text.length };
}

/** The message without the parameter it was sent in, which the reader never saw. */
export function plain(message: string): string {
  return message.replace(/^invalid parameter "query": /, '').replace(/^(?:PromQL (?:info|warning)): /, '');
}
