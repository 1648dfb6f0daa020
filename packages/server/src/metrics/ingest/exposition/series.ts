import { BYTE, decodeUtf8, isBlank, isLabelPart, isLabelStart, isNamePart, isNameStart } from './bytes.ts';
import type { ExpositionReason } from './errors.ts';

/** The longest series text (name and label set) that is read at all; what is stored of those is for the store's ceilings to say. */
const MAX_SERIES_BYTES = 2 ** 20;

/**
 * Checks the shape of one series text and finds its end, without decoding. Both syntaxes:
 *
 *     name{label="value",...}        {"quoted name","quoted label"="value",...}
 *
 * OpenMetrics allows no blanks inside the braces. In the Prometheus text format blanks may stand between all parts, and the
 * comma between labels may be missing: Prometheus reads it so, and targets rely on it.
 */
export class SeriesScanner {
  reason: ExpositionReason = 'line';
  message = '';
  readonly #strict: boolean;

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** The position after the series that starts at `start`, or -1 with `reason` and `message`. `bytes` ends with a newline. */
  scan(bytes: Uint8Array, start: number): number {
    let at = start;
    if (isNameStart(bytes[at] ?? 0)) {
      at++;
      while (isNamePart(bytes[at] ?? 0)) at++;
      const nameEnd = at;
      if (!this.#strict) while (isBlank(bytes[at] ?? 0)) at++;
      if (bytes[at] !== BYTE.OPEN) return this.#bounded(start, nameEnd);
      return this.#bounded(start, this.scanLabels(bytes, at, false));
    }
    if (bytes[at] === BYTE.OPEN) return this.#bounded(start, this.scanLabels(bytes, at, true));
    return this.#fail('line', 'expected a metric name or a comment');
  }

  /**
   * The position after a label set whose `{` is at `open`. With `wantsName` exactly one quoted name without a value must be
   * inside; without it, none may be.
   */
  scanLabels(bytes: Uint8Array, open: number, wantsName: boolean): number {
    let at = this.#skip(bytes, open + 1);
    let named = !wantsName;
    while (bytes[at] !== BYTE.CLOSE) {
      const quoted = bytes[at] === BYTE.QUOTE;
      const nameAt = at;
      at = quoted ? this.#string(bytes, at) : this.#labelName(bytes, at);
      if (at < 0) return -1;
      const afterName = this.#skip(bytes, at);
      const next = bytes[afterName];
      if (quoted && (next === BYTE.COMMA || next === BYTE.CLOSE)) {
        if (named) return this.#fail('labels', 'a metric name is already set before the quoted one');
        if (at - nameAt === 2) return this.#fail('name', 'the quoted metric name is empty');
        named = true;
        at = afterName;
      } else {
        if (quoted && at - nameAt === 2) return this.#fail('labels', 'a quoted label name is empty');
        if (next !== BYTE.EQUALS) return this.#fail('labels', 'expected "=" after a label name');
        at = this.#skip(bytes, afterName + 1);
        if (bytes[at] !== BYTE.QUOTE) return this.#fail('labels', 'expected a quoted label value');
        at = this.#string(bytes, at);
        if (at < 0) return -1;
        at = this.#skip(bytes, at);
      }
      if (bytes[at] === BYTE.COMMA) at = this.#skip(bytes, at + 1);
      else if (this.#strict && bytes[at] !== BYTE.CLOSE) {
        return this.#fail('labels', 'expected "," or "}" after a label');
      }
    }
    return named ? at + 1 : this.#fail('name', 'the label set has no quoted metric name');
  }

  #labelName(bytes: Uint8Array, start: number): number {
    let at = start;
    if (!isLabelStart(bytes[at] ?? 0)) return this.#fail('labels', 'expected a label name');
    while (isLabelPart(bytes[at] ?? 0)) at++;
    return at;
  }

  /** The position after a quoted string. A raw newline ends the line, and so the string, as an error. */
  #string(bytes: Uint8Array, quote: number): number {
    let at = quote + 1;
    for (;;) {
      const byte = bytes[at];
      if (byte === BYTE.QUOTE) return at + 1;
      if (byte === BYTE.NEWLINE || byte === undefined) {
        return this.#fail('labels', 'a quoted string has no end on its line');
      }
      at += byte === BYTE.BACKSLASH && bytes[at + 1] !== BYTE.NEWLINE ? 2 : 1;
    }
  }

  #skip(bytes: Uint8Array, from: number): number {
    let at = from;
    if (!this.#strict) while (isBlank(bytes[at] ?? 0)) at++;
    return at;
  }

  #bounded(start: number, end: number): number {
    return end - start > MAX_SERIES_BYTES
      ? this.#fail('too_long', `a series longer than ${MAX_SERIES_BYTES} bytes`)
      : end;
  }

  #fail(reason: ExpositionReason, message: string): -1 {
    this.reason = reason;
    this.message = message;
    return -1;
  }
}

/** `[name, value, name, value, ...]` in source order, empty values kept; the metric name comes as `__name__`. */
export type RawPairs = string[];

/**
 * Decodes a series that `SeriesScanner` accepted (or a label set alone). Null when it is not valid UTF-8.
 * A label name that comes twice is kept twice: the caller judges.
 */
export function decodeSeries(bytes: Uint8Array, start: number, end: number): RawPairs | null {
  const text = decodeUtf8(bytes, start, end);
  if (text === null) return null;
  const open = openBrace(text);
  const pairs: RawPairs = [];
  const bare = text.slice(0, open).trimEnd();
  if (bare !== '') pairs.push('__name__', bare);
  let at = open + 1;
  while (at < text.length) {
    const char = text[at];
    if (char === ' ' || char === '\t' || char === ',' || char === '}') {
      at++;
      continue;
    }
    const nameEnd = char === '"' ? stringEnd(text, at) : wordEnd(text, at);
    const name = char === '"' ? unescape(text.slice(at + 1, nameEnd - 1)) : text.slice(at, nameEnd);
    const equals = skipBlanks(text, nameEnd);
    if (text[equals] === '=') {
      const quote = skipBlanks(text, equals + 1);
      at = stringEnd(text, quote);
      pairs.push(name, unescape(text.slice(quote + 1, at - 1)));
    } else {
      pairs.push('__name__', name);
      at = equals;
    }
  }
  return pairs;
}

function openBrace(text: string): number {
  const open = text.indexOf('{');
  return open < 0 ? text.length : open;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

function wordEnd(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '=' && text[at] !== ' ' && text[at] !== '\t') at++;
  return at;
}

/** The position after the string whose quote is at `quote`. */
function stringEnd(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

const ESCAPE = /\\([\\"n])/g;

/** `\\`, `\"` and `\n`; any other backslash stands for itself, as in Prometheus. */
export function unescape(text: string): string {
  return text.includes('\\') ? text.replace(ESCAPE, (_, c: string) => (c === 'n' ? '\n' : c)) : text;
}
