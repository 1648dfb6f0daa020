import { unescape } from '@pharos/promql/vectors';
import { parseGoFloat } from './go-float.ts';

type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'field'
  | 'variable'
  | 'word'
  | 'literal'
  | 'sign'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly value?: string | bigint | number;
  readonly at: number;
}

const FIELD = /\.[\p{L}\p{Nd}_]*/uy;
const VARIABLE = /\$[\p{L}\p{Nd}_]*/uy;
const WORD = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y;
const SPACE = /[ \t\r\n]+/y;
const SIGN = /:=|[=|(),]/y;
const COMMENT = /\{\{(- )?\/\*[^]*?\*\/( -)?\}\}/y;

/** Splits a template into text and the tokens of its actions; `{{- ` and ` -}}` have eaten the space beside them. */
export function tokenize(source: string, fail: (at: number, message: string) => Error): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trims = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const end = open === -1 ? source.length : open;
    const trimsAfter = open !== -1 && /^\{\{-[ \t\r\n]/.test(source.slice(open, open + 4));
    let text = source.slice(at, end);
    if (trims) text = text.replace(/^[ \t\r\n]+/, '');
    if (trimsAfter) text = withoutTrailingSpace(text);
    if (text !== '') tokens.push({ kind: 'text', text, at });
    if (open === -1) break;
    COMMENT.lastIndex = open;
    const comment = COMMENT.exec(source);
    if (comment !== null) {
      trims = comment[2] !== undefined;
      at = open + comment[0].length;
      continue;
    }
    tokens.push({ kind: 'open', text: '{{', at: open });
    const close = readAction(source, open + (trimsAfter ? 3 : 2), tokens, fail);
    trims = close.trims;
    at = close.at;
  }
  tokens.push({ kind: 'end', text: '', at: source.length });
  return tokens;
}

/** Go's own idea of space; a pattern anchored at the end would look at every run of spaces again. */
function withoutTrailingSpace(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\r\n'.includes(text[end - 1] ?? 'x')) end--;
  return text.slice(0, end);
}

function readAction(
  source: string,
  from: number,
  tokens: Token[],
  fail: (at: number, message: string) => Error,
): { readonly at: number; readonly trims: boolean } {
  const match = (pattern: RegExp, at: number): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  let at = from;
  for (;;) {
    if (at >= source.length) throw fail(from, 'unclosed action');
    const trims = /^[ \t\r\n]-\}\}/.test(source.slice(at, at + 4));
    if (trims || source.startsWith('}}', at)) {
      tokens.push({ kind: 'close', text: '}}', at });
      return { at: at + (trims ? 4 : 2), trims };
    }
    const space = match(SPACE, at);
    if (space !== undefined) {
      // The space of a ` -}}` behind several belongs to the marker.
      const length =
        source.startsWith('-}}', at + space.length) && space.length > 1 ? space.length - 1 : space.length;
      tokens.push({ kind: 'space', text: ' ', at });
      at += length;
      continue;
    }
    const token = readToken(source, at, match, fail);
    tokens.push(token);
    at += token.text.length;
  }
}

function readToken(
  source: string,
  at: number,
  match: (pattern: RegExp, at: number) => string | undefined,
  fail: (at: number, message: string) => Error,
): Token {
  const char = source[at] ?? '';
  const number = match(NUMBER, at);
  if (number !== undefined) return { kind: 'literal', text: number, value: numberOf(number, at, fail), at };
  if (char === '"' || char === '`' || char === "'") return readQuoted(source, at, char, fail);
  for (const [kind, pattern] of [
    ['field', FIELD],
    ['variable', VARIABLE],
    ['word', WORD],
    ['sign', SIGN],
  ] as const) {
    const text = match(pattern, at);
    if (text !== undefined) return { kind, text, at };
  }
  throw fail(at, `unexpected ${JSON.stringify(char)} in command`);
}

function readQuoted(
  source: string,
  at: number,
  mark: string,
  fail: (at: number, message: string) => Error,
): Token {
  let end = at + 1;
  for (; source[end] !== mark; end++) {
    if (end >= source.length || (source[end] === '\n' && mark !== '`'))
      throw fail(at, 'unterminated quoted string');
    if (source[end] === '\\' && mark !== '`') end++;
  }
  const text = source.slice(at, end + 1);
  const result = unescape(text.slice(1, -1), mark);
  if (!result.ok) throw fail(at, result.reason);
  if (mark !== "'") return { kind: 'literal', text, value: result.value, at };
  const chars = Array.from(result.value);
  if (chars.length !== 1) throw fail(at, `malformed character constant: ${text}`);
  return { kind: 'literal', text, value: BigInt(result.value.codePointAt(0) ?? 0), at };
}

function numberOf(text: string, at: number, fail: (at: number, message: string) => Error): bigint | number {
  const plain = text.replaceAll('_', '');
  if (/^[+-]?(?:\d+|0[xXoObB][0-9a-fA-F]+)$/.test(plain) && plain.length < 70) {
    const digits = plain.replace(/^[+-]/, '');
    const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
    const value = plain.startsWith('-') ? -size : size;
    if (BigInt.asIntN(64, value) !== value) throw fail(at, `integer overflow: ${text}`);
    return value;
  }
  const float = parseGoFloat(text);
  if (!float.ok) throw fail(at, `bad number syntax: ${JSON.stringify(text)}`);
  return float.value;
}
