/**
 * Regular expressions that need no engine: alternatives of plain text with `.*` and `.+` between, which is what most
 * matchers are. Anchored at both ends, `.` matches everything (Prometheus 3).
 */

/** One alternative: texts in order; between two of them at least `least` (0 or 1) characters of anything. */
interface Glob {
  readonly texts: readonly string[];
  /** One fewer than texts; none for a literal. */
  readonly least: readonly number[];
}

export interface PlainPattern {
  readonly test: (value: string) => boolean;
  /** All values it matches, where they are finitely many. */
  readonly literals: readonly string[] | undefined;
}

/** Groups multiply: more alternatives than this from one sequence are left to the engine. */
const MOST_PRODUCTS = 500;
/** Lists are as long as they are written; longer ones are left to the engine too. */
const MOST_ALTERNATIVES = 10_000;

/** Undefined for a pattern that is not that plain; it may then be anything, also invalid. */
export function plainPattern(pattern: string): PlainPattern | undefined {
  if (/[\ud800-\udfff]/u.test(pattern)) return undefined;
  const globs = new Reader(pattern).read();
  if (globs === undefined) return undefined;
  const literals = new Set<string>();
  const open: Glob[] = [];
  for (const glob of globs) {
    const [only] = glob.texts;
    if (glob.texts.length === 1 && only !== undefined) literals.add(only);
    else open.push(glob);
  }
  return { test: tester(literals, open), literals: open.length === 0 ? [...literals] : undefined };
}

function tester(literals: ReadonlySet<string>, globs: readonly Glob[]): (value: string) => boolean {
  if (globs.length === 0) return (value) => literals.has(value);
  const tests = globs.map(globTester);
  const [first] = tests;
  if (literals.size === 0 && tests.length === 1 && first !== undefined) return first;
  return (value) => literals.has(value) || tests.some((test) => test(value));
}

function globTester({ texts, least }: Glob): (value: string) => boolean {
  const head = texts[0] ?? '';
  const tail = texts.at(-1) ?? '';
  const middle = texts.slice(1, -1);
  const shortest = texts.reduce((sum, { length }) => sum + length, 0) + least.reduce((sum, n) => sum + n, 0);
  if (middle.length === 0)
    return (value) => value.length >= shortest && value.startsWith(head) && value.endsWith(tail);
  return (value) => {
    if (value.length < shortest || !value.startsWith(head) || !value.endsWith(tail)) return false;
    // Leftmost is best: whatever matches later matches then too.
    let at = head.length;
    for (const [i, text] of middle.entries()) {
      const found = value.indexOf(text, at + least[i]);
      if (found === -1) return false;
      at = found + text.length;
    }
    return at + least[middle.length] <= value.length - tail.length;
  };
}

const EMPTY: Glob = { texts: [''], least: [] };
const PUNCTUATION = /[\\.+*?()|[\]{}^$\-/:,;_#@%&=!<>"'`~ ]/;

const PLAIN_RUN = /[\w:/-]+/y;

/** Two lists multiply, one list grows with what stands beside it. */
function bearable(left: number, right: number): boolean {
  return left * right <= (left === 1 || right === 1 ? MOST_ALTERNATIVES : MOST_PRODUCTS);
}

/** Reads a pattern into alternatives; every part it does not know ends the reading. */
class Reader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  read(): readonly Glob[] | undefined {
    const globs = this.#alternatives(0);
    return this.#at === this.#pattern.length ? globs : undefined;
  }

  #alternatives(depth: number): readonly Glob[] | undefined {
    if (depth > 20) return undefined;
    const all: Glob[] = [];
    for (;;) {
      const sequence = this.#sequence(depth);
      if (sequence === undefined) return undefined;
      for (const glob of sequence) all.push(glob);
      if (all.length > MOST_ALTERNATIVES) return undefined;
      if (this.#pattern[this.#at] !== '|') return all;
      this.#at++;
    }
  }

  #sequence(depth: number): readonly Glob[] | undefined {
    let globs: readonly Glob[] = [EMPTY];
    // Anchored anyway: a sign of it at the ends of an alternative says nothing new.
    if (depth === 0 && this.#pattern[this.#at] === '^') this.#at++;
    for (;;) {
      const char = this.#pattern[this.#at];
      if (char === undefined || char === '|' || char === ')') return globs;
      if (char === '$' && depth === 0 && /^(?:\||$)/.test(this.#pattern.slice(this.#at + 1, this.#at + 2))) {
        this.#at++;
        return globs;
      }
      const part = this.#part(char, depth);
      if (part === undefined || !bearable(globs.length, part.length)) return undefined;
      const joined: Glob[] = [];
      for (const left of globs)
        for (const right of part) {
          const glob = join(left, right);
          if (glob === undefined) return undefined;
          joined.push(glob);
        }
      globs = joined;
    }
  }

  #part(char: string, depth: number): readonly Glob[] | undefined {
    if (char === '.') return this.#wildcard();
    const part = char === '(' ? this.#group(depth) : this.#single(char);
    const after = this.#pattern[this.#at] ?? '';
    if (part === undefined || after === '*' || after === '+' || after === '{') return undefined;
    if (after !== '?') return part;
    this.#at++;
    // `??` and `?+` are left alone.
    return /[?*+{]/.test(this.#pattern[this.#at] ?? '') ? undefined : [...part, EMPTY];
  }

  #wildcard(): readonly Glob[] | undefined {
    const sign = this.#pattern[this.#at + 1] ?? '';
    if (sign !== '*' && sign !== '+') return undefined;
    this.#at += 2;
    // Lazy or not, the texts that match are the same.
    if (this.#pattern[this.#at] === '?') this.#at++;
    if (/[?*+{]/.test(this.#pattern[this.#at] ?? '')) return undefined;
    return [{ texts: ['', ''], least: [sign === '+' ? 1 : 0] }];
  }

  #group(depth: number): readonly Glob[] | undefined {
    this.#at += this.#pattern.startsWith('(?:', this.#at) ? 3 : 1;
    if (this.#pattern[this.#at] === '?') return undefined;
    const globs = this.#alternatives(depth + 1);
    if (globs === undefined || this.#pattern[this.#at] !== ')') return undefined;
    this.#at++;
    return globs;
  }

  /** One plain character, escaped or not. */
  #single(char: string): readonly Glob[] | undefined {
    if (char === '\\') {
      const escaped = this.#pattern[this.#at + 1] ?? '';
      if (!PUNCTUATION.test(escaped) || escaped === '_') return undefined;
      this.#at += 2;
      return [literal(escaped)];
    }
    if (/[*+?[\]{}^$]/.test(char)) return undefined;
    // A run of them at once; a sign of repetition binds to the last one alone.
    PLAIN_RUN.lastIndex = this.#at;
    const run = PLAIN_RUN.exec(this.#pattern)?.[0] ?? '';
    const repeated = /[?*+{]/.test(this.#pattern[this.#at + run.length] ?? '');
    if (run.length > 1) {
      const text = repeated ? run.slice(0, -1) : run;
      this.#at += text.length;
      return [literal(text)];
    }
    const whole = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += whole.length;
    return [literal(whole)];
  }
}

function literal(text: string): Glob {
  return { texts: [text], least: [] };
}

/** One alternative after another; undefined where two wildcards in a row would need two characters. */
function join(left: Glob, right: Glob): Glob | undefined {
  const [first = '', ...rest] = right.texts;
  const seam = (left.texts.at(-1) ?? '') + first;
  const touches = seam === '' && left.least.length > 0 && right.least.length > 0;
  if (!touches)
    return { texts: [...left.texts.slice(0, -1), seam, ...rest], least: [...left.least, ...right.least] };
  const together = (left.least.at(-1) ?? 0) + (right.least[0] ?? 0);
  if (together > 1) return undefined;
  return {
    texts: [...left.texts.slice(0, -1), ...rest],
    least: [...left.least.slice(0, -1), together, ...right.least.slice(1)],
  };
}
