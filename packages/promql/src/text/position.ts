/** A stretch of the query text, in UTF-16 units: `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const encoder = new TextEncoder();

/** `line:column` of an offset, both from 1, the column in bytes of UTF-8 as Prometheus counts it. */
export function lineColumn(text: string, offset: number): string {
  const before = text.slice(0, Math.max(0, offset));
  const lastBreak = before.lastIndexOf('\n');
  let line = 1;
  for (let i = before.indexOf('\n'); i !== -1; i = before.indexOf('\n', i + 1)) line++;
  return `${line}:${encoder.encode(before.slice(lastBreak + 1)).length + 1}`;
}
