/** Go string literals: what `strconv.Quote` writes and what PromQL's three quotes read. */

const SHORT_ESCAPES = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\u000b', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

/** A double-quoted Go literal of a text. */
export function quote(text: string): string {
  let out = '"';
  for (const char of text) out += SHORT_ESCAPES.get(char) ?? escapeUnprintable(char);
  return `${out}"`;
}

function escapeUnprintable(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code === 0xfffd) return '\ufffd';
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(char) || (/\p{Zs}/u.test(char) && char !== ' ')) {
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  }
  return char;
}

export type UnquoteResult =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly reason: string; readonly at: number };

const SIMPLE: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 92],
]);
const HEX_LENGTH: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/**
 * The text between quotes, escapes resolved. `\x` and octal escapes are bytes, as in Go, so neighbours may
 * form one UTF-8 character; invalid sequences become U+FFFD.
 */
export function unescape(body: string, quoteChar: string): UnquoteResult {
  if (quoteChar === '`' || !body.includes('\\')) return { ok: true, value: body };
  let out = '';
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length > 0) out += new TextDecoder().decode(new Uint8Array(bytes));
    bytes = [];
  };
  for (let i = 0; i < body.length; ) {
    const char = body[i] ?? '';
    if (char !== '\\') {
      flush();
      out += char;
      i++;
      continue;
    }
    const escape = readEscape(body, i, quoteChar);
    if (typeof escape === 'string') return { ok: false, reason: escape, at: i };
    if (escape.byte) bytes.push(escape.code);
    else {
      flush();
      out += String.fromCodePoint(escape.code);
    }
    i += escape.length;
  }
  flush();
  return { ok: true, value: out };
}

interface Escape {
  readonly code: number;
  readonly byte: boolean;
  readonly length: number;
}

function readEscape(body: string, at: number, quoteChar: string): Escape | string {
  const kind = body[at + 1];
  if (kind === undefined) return 'escape sequence not terminated';
  const simple = kind === quoteChar ? kind.charCodeAt(0) : SIMPLE.get(kind);
  if (simple !== undefined) return { code: simple, byte: false, length: 2 };
  const hexLength = HEX_LENGTH.get(kind);
  if (hexLength !== undefined) return readHex(body, at, hexLength);
  const octal = /^[0-7]{3}/.exec(body.slice(at + 1, at + 4));
  if (octal !== null) {
    const code = Number.parseInt(octal[0], 8);
    if (code > 255) return 'escape sequence is an invalid Unicode code point';
    return { code, byte: true, length: 4 };
  }
  const code = kind.codePointAt(0) ?? 0;
  return `unknown escape sequence U+${code.toString(16).toUpperCase().padStart(4, '0')} '${kind}'`;
}

function readHex(body: string, at: number, length: number): Escape | string {
  const digits = body.slice(at + 2, at + 2 + length);
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) return 'escape sequence not terminated';
  const code = Number.parseInt(digits, 16);
  if (length === 2) return { code, byte: true, length: 4 };
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    return 'escape sequence is an invalid Unicode code point';
  return { code, byte: false, length: length + 2 };
}
