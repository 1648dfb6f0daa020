/** The reserved label that carries a series' metric name. */
export const METRIC_NAME = '__name__';

/** Latin-1, so that keys of plain labels stay one byte per character. */
const SEPARATOR = '\u00ff';

/**
 * An immutable label set: pairs sorted by name, no empty values (an empty value means "no such label",
 * as everywhere in Prometheus).
 */
export class Labels {
  static readonly EMPTY: Labels = new Labels([]);

  /** Flat `[name, value, name, value, ...]`, sorted by name. */
  readonly pairs: readonly string[];
  #key: string | undefined;
  #asked = false;

  private constructor(pairs: readonly string[]) {
    this.pairs = pairs;
  }

  /** From pairs that are already sorted by name, unique and without empty values. The array is kept, not copied. */
  static fromSortedPairs(pairs: readonly string[]): Labels {
    return pairs.length === 0 ? Labels.EMPTY : new Labels(pairs);
  }

  /** From pairs in any order; empty values are dropped, a repeated name keeps its last value. */
  static fromPairs(pairs: readonly (readonly [name: string, value: string])[]): Labels {
    const byName = new Map<string, string>();
    for (const [name, value] of pairs) byName.set(name, value);
    return Labels.fromMap(byName);
  }

  static fromRecord(record: Readonly<Record<string, string>>): Labels {
    return Labels.fromMap(new Map(Object.entries(record)));
  }

  static fromMap(map: ReadonlyMap<string, string>): Labels {
    const names = [...map.keys()].filter((name) => map.get(name) !== '').sort(compareText);
    const pairs: string[] = [];
    for (const name of names) pairs.push(name, map.get(name) ?? '');
    return Labels.fromSortedPairs(pairs);
  }

  get size(): number {
    return this.pairs.length / 2;
  }

  /** The value of a label, or the empty string when the set has none. */
  get(name: string): string {
    const { pairs } = this;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1] ?? '';
    return '';
  }

  has(name: string): boolean {
    return this.get(name) !== '';
  }

  get metricName(): string {
    return this.get(METRIC_NAME);
  }

  /**
   * A canonical text, equal exactly for equal label sets: names and values joined by U+00FF, or, where one of them
   * holds that character, as JSON after it (no name begins with it otherwise).
   */
  get key(): string {
    this.#key ??= this.pairs.some((text) => text.includes(SEPARATOR))
      ? SEPARATOR + JSON.stringify(this.pairs)
      : this.pairs.join(SEPARATOR);
    return this.#key;
  }

  /**
   * Whether this very object was asked this before. Label sets a storage keeps come again and again, those an operator made
   * never do: only for the former it pays to remember something.
   */
  askedBefore(): boolean {
    const before = this.#asked;
    this.#asked = true;
    return before;
  }

  /** Without the named labels. */
  without(names: ReadonlySet<string>): Labels {
    return this.#filter((name) => !names.has(name));
  }

  /** Only the named labels. */
  keep(names: ReadonlySet<string>): Labels {
    return this.#filter((name) => names.has(name));
  }

  dropMetricName(): Labels {
    return this.has(METRIC_NAME) ? this.#filter((name) => name !== METRIC_NAME) : this;
  }

  /** With one label set (an empty value removes it). */
  with(name: string, value: string): Labels {
    const { pairs } = this;
    let at = 0;
    while (at < pairs.length && pairs[at] < name) at += 2;
    const replaced = pairs[at] === name ? 2 : 0;
    return Labels.fromSortedPairs(pairs.toSpliced(at, replaced, ...(value === '' ? [] : [name, value])));
  }

  toMap(): Map<string, string> {
    const map = new Map<string, string>();
    for (let i = 0; i < this.pairs.length; i += 2) map.set(this.pairs[i] ?? '', this.pairs[i + 1] ?? '');
    return map;
  }

  /** A plain object with a null prototype, safe for names such as `__proto__`. */
  toRecord(): Record<string, string> {
    const record = Object.create(null) as Record<string, string>; // oxlint-disable-line typescript/no-unsafe-type-assertion -- Object.create(null) is typed any
    for (let i = 0; i < this.pairs.length; i += 2) record[this.pairs[i] ?? ''] = this.pairs[i + 1] ?? '';
    return record;
  }

  /** Prometheus' notation: `up{instance="a",job="b"}`. */
  toString(): string {
    const name = this.metricName;
    const inner: string[] = [];
    for (let i = 0; i < this.pairs.length; i += 2) {
      if (this.pairs[i] !== METRIC_NAME) inner.push(`${this.pairs[i]}=${JSON.stringify(this.pairs[i + 1])}`);
    }
    return inner.length === 0 && name !== '' ? name : `${name}{${inner.join(', ')}}`;
  }

  #filter(wanted: (name: string) => boolean): Labels {
    const pairs: string[] = [];
    for (let i = 0; i < this.pairs.length; i += 2) {
      const name = this.pairs[i] ?? '';
      if (wanted(name)) pairs.push(name, this.pairs[i + 1] ?? '');
    }
    return pairs.length === this.pairs.length ? this : Labels.fromSortedPairs(pairs);
  }
}

/** Order by UTF-16 code unit; the same on every machine, unlike a locale's. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Prometheus' order of label sets: pairwise by name, then value; a prefix sorts first. */
export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.pairs.length, b.pairs.length);
  for (let i = 0; i < length; i++) {
    const order = compareText(a.pairs[i] ?? '', b.pairs[i] ?? '');
    if (order !== 0) return order;
  }
  return a.pairs.length - b.pairs.length;
}
