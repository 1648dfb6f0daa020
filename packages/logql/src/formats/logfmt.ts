/**
 * Reads `key=value key="quoted value" key`, pair by pair, after the Go library `go-logfmt`: what is no pair is skipped up
 * to the next space, and told.
 */
export class LogfmtReader {
  key = '';
  value = '';
  /** Why the last `next` gave no pair: empty when it did. */
  problem = '';
  #line = '';
  #at = 0;
  #place = 0;
  /** The keys of the last line, in order: lines are alike, and a key that is only compared costs no text of its own. */
  readonly #order: string[] = [];

  reset(line: string): void {
    this.#line = line;
    this.#at = 0;
    this.#place = 0;
    this.problem = '';
  }

  /** Moves to the next pair; false at the end of the line, or at what is none, with `problem` set. */
  next(): boolean {
    const line = this.#line;
    this.problem = '';
    let at = this.#at;
    while (at < line.length && line.charCodeAt(at) <= 32) at++;
    this.#at = at;
    if (at >= line.length) return false;
    const place = this.#place++;
    const guess = this.#order[place];
    let end = at;
    if (guess !== undefined && line.startsWith(guess, at) && line.charCodeAt(at + guess.length) === EQUALS) {
      end = at + guess.length;
      this.key = guess;
    } else {
      for (; end < line.length; end++) {
        const code = line.charCodeAt(end);
        if (code <= 32 || code === EQUALS) break;
        if (code === QUOTE) return this.#skip(end, `unexpected '"'`);
      }
      if (end === at) return this.#skip(end, `unexpected '='`);
      this.key = line.slice(at, end);
      if (this.key.includes('\ufffd')) return this.#skip(end, 'invalid key');
      if (place < MOST_PLACES && this.key.length < LONGEST_GUESS) this.#order[place] = this.key;
    }
    this.value = '';
    this.#at = end;
    if (line.charCodeAt(end) !== EQUALS) return true;
    return line.charCodeAt(end + 1) === QUOTE ? this.#quoted(end + 1) : this.#plain(end + 1);
  }

  get done(): boolean {
    return this.#at >= this.#line.length;
  }

  #plain(start: number): boolean {
    const line = this.#line;
    let end = start;
    for (; end < line.length; end++) {
      const code = line.charCodeAt(end);
      if (code <= 32) break;
      if (code === EQUALS || code === QUOTE) return this.#skip(end, `unexpected '${line[end]}'`);
    }
    this.value = line.slice(start, end);
    this.#at = end;
    return true;
  }

  #quoted(start: number): boolean {
    const line = this.#line;
    let escaped = false;
    for (let end = start + 1; end < line.length; end++) {
      const code = line.charCodeAt(end);
      if (code === BACKSLASH) {
        escaped = true;
        end++;
      } else if (code === QUOTE) {
        this.#at = end + 1;
        const body = line.slice(start + 1, end);
        const value = escaped ? unescapeJson(body) : body;
        if (value === undefined) return this.#fail(end, 'invalid quoted value');
        this.value = value;
        return true;
      }
    }
    this.#at = line.length;
    return this.#fail(line.length, 'unterminated quoted value');
  }

  #skip(at: number, problem: string): boolean {
    let end = at;
    while (end < this.#line.length && this.#line.charCodeAt(end) > 32) end++;
    this.#at = Math.max(end, at);
    return this.#fail(at, problem);
  }

  #fail(at: number, problem: string): boolean {
    this.problem = `logfmt syntax error at pos ${at + 1} : ${problem}`;
    return false;
  }
}

/** Places of a line whose keys are guessed, and how long such a key may be. */
const MOST_PLACES = 200;
const LONGEST_GUESS = 200;
const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ["'", "'"],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** The text between quotes with JSON's escapes resolved; undefined for an escape that is none. */
export function unescapeJson(body: string): string | undefined {
  let out = '';
  let from = 0;
  for (let at = body.indexOf('\\'); at !== -1; at = body.indexOf('\\', from)) {
    out += body.slice(from, at);
    const kind = body[at + 1] ?? '';
    if (kind === 'u') {
      const digits = body.slice(at + 2, at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) return undefined;
      out += String.fromCharCode(Number.parseInt(digits, 16));
      from = at + 6;
    } else {
      const simple = SIMPLE.get(kind);
      if (simple === undefined) return undefined;
      out += simple;
      from = at + 2;
    }
  }
  return out + body.slice(from);
}
