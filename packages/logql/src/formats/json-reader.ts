import { unescapeJson } from './logfmt.ts';

/** Deeper objects are not walked into: no log line that means anything is. */
const MAX_DEPTH = 64;

export type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/**
 * A reader over the text of a JSON value that makes no objects: numbers stay as they were written (`1.50`,
 * 12345678901234567890), and what was read before a mistake counts. Every method answers false or undefined at a mistake,
 * with `problem` set.
 */
export class JsonReader {
  problem = '';
  #text = '';
  #at = 0;
  /** The next backslash at or behind where strings were looked at last: most lines have none, and are searched once. */
  #backslash = -1;

  reset(text: string): void {
    this.#text = text;
    this.#at = 0;
    this.#backslash = -1;
    this.problem = '';
  }

  /** The kind of the value ahead, with the space before it skipped. */
  kind(): JsonKind | undefined {
    this.#space();
    const char = this.#text[this.#at];
    switch (char) {
      case '{':
        return 'object';
      case '[':
        return 'array';
      case '"':
        return 'string';
      case 't':
      case 'f':
        return 'boolean';
      case 'n':
        return 'null';
      default:
        return char !== undefined && /[-0-9]/.test(char) ? 'number' : this.#fail('no value');
    }
  }

  /** The decoded text of the string ahead. */
  string(): string | undefined {
    const start = this.#at + 1;
    const escaped = this.#passString();
    if (escaped === undefined) return undefined;
    const body = this.#text.slice(start, this.#at - 1);
    return escaped ? (unescapeJson(body) ?? this.#fail('invalid escape in a string')) : body;
  }

  /** Passes over the key ahead if it is this one, which must hold nothing that is written with an escape. */
  #acceptKey(key: string): boolean {
    const text = this.#text;
    const end = this.#at + 1 + key.length;
    if (text.charCodeAt(end) !== QUOTE || !text.startsWith(key, this.#at + 1)) return false;
    this.#at = end + 1;
    return true;
  }

  /** Moves behind the string ahead; answers whether it holds escapes. */
  #passString(): boolean | undefined {
    const text = this.#text;
    const start = this.#at + 1;
    let close = text.indexOf('"', start);
    let escaped = false;
    while (close !== -1 && text.charCodeAt(close - 1) === BACKSLASH) {
      escaped = true;
      if (!endsEscaped(text, start, close)) break;
      close = text.indexOf('"', close + 1);
    }
    if (close === -1) return this.#fail('string without an end');
    this.#at = close + 1;
    if (escaped) return true;
    if (this.#backslash < start) {
      const next = text.indexOf('\\', start);
      this.#backslash = next === -1 ? Number.POSITIVE_INFINITY : next;
    }
    return this.#backslash < close;
  }

  /** The text of the value ahead as it was written, quotes included. */
  raw(): string | undefined {
    this.#space();
    const start = this.#at;
    return this.skip() ? this.#text.slice(start, this.#at) : undefined;
  }

  /**
   * Calls `member` at each value of the object ahead, which must consume it. `guess` may tell what key stands at a place:
   * lines are alike, and a key that is only compared costs no text of its own.
   */
  object(
    member: (key: string, place: number) => boolean,
    guess?: (place: number) => string | undefined,
  ): boolean {
    this.#at++;
    this.#space();
    if (this.#accept('}')) return true;
    for (let place = 0; ; place++) {
      this.#space();
      if (this.#text.charCodeAt(this.#at) !== QUOTE) return this.#no('no key');
      const guessed = guess?.(place);
      const key = guessed !== undefined && this.#acceptKey(guessed) ? guessed : this.string();
      if (key === undefined) return false;
      this.#space();
      if (!this.#accept(':')) return this.#no('no colon after a key');
      if (!member(key, place)) return false;
      this.#space();
      if (this.#accept('}')) return true;
      if (!this.#accept(',')) return this.#no('object without an end');
    }
  }

  /** The same for the array ahead, with indexes. */
  array(element: (index: number) => boolean): boolean {
    this.#at++;
    this.#space();
    if (this.#accept(']')) return true;
    for (let index = 0; ; index++) {
      if (!element(index)) return false;
      this.#space();
      if (this.#accept(']')) return true;
      if (!this.#accept(',')) return this.#no('array without an end');
    }
  }

  /** Passes over the value ahead, whatever it is. */
  skip(depth = 0): boolean {
    switch (this.kind()) {
      case undefined:
        return false;
      case 'string':
        return this.#skipString();
      case 'number':
        return this.#word(NUMBER);
      case 'boolean':
      case 'null':
        return this.#word(WORD);
      case 'object':
        return depth > MAX_DEPTH ? this.#no('nested too deep') : this.object(() => this.skip(depth + 1));
      case 'array':
        return depth > MAX_DEPTH ? this.#no('nested too deep') : this.array(() => this.skip(depth + 1));
    }
  }

  /** Strings with escapes are decoded all the same: a mistake in one counts wherever it stands. */
  #skipString(): boolean {
    const start = this.#at;
    const escaped = this.#passString();
    if (escaped !== true) return escaped !== undefined;
    this.#at = start;
    return this.string() !== undefined;
  }

  #word(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return this.#no('no value');
    this.#at += found[0].length;
    return true;
  }

  #space(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (!(code === 32 || (code >= 9 && code <= 13))) return;
      this.#at++;
    }
  }

  #accept(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #no(problem: string): false {
    this.#fail(problem);
    return false;
  }

  #fail(problem: string): undefined {
    if (this.problem === '') this.problem = `malformed JSON at ${this.#at + 1}: ${problem}`;
    return undefined;
  }
}

const BACKSLASH = 92;
const QUOTE = 34;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /(?:true|false|null)/y;

/** Whether the quote at `at` is preceded by an odd number of backslashes. */
function endsEscaped(text: string, start: number, at: number): boolean {
  let count = 0;
  for (let i = at - 1; i >= start && text.charCodeAt(i) === BACKSLASH; i--) count++;
  return count % 2 === 1;
}
