import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  parseDocument,
} from 'yaml';

export interface YamlPlace {
  readonly line: number;
  readonly column: number;
}

/** A value of a YAML file with its place; aliases are followed. */
export interface YamlValue {
  readonly node: unknown;
  readonly place: YamlPlace;
}

export interface YamlField extends YamlValue {
  readonly keyPlace: YamlPlace;
}

type YamlResult =
  | { readonly ok: true; readonly yaml: YamlFile }
  | { readonly ok: false; readonly place: YamlPlace | undefined; readonly reason: string };

/** Values one file may have, counted as often as aliases repeat them. */
const MOST_VALUES = 1_000_000;
/** What following an alias counts for: one brings all that it stands for along. */
const ALIAS_VALUES = 50;

/** Well-formed YAML that stands for nothing: an alias of nothing, or too many values by aliases of aliases. */
export class YamlUnusable extends Error {
  override readonly name = 'YamlUnusable';
  readonly place: YamlPlace;

  constructor(place: YamlPlace, message: string) {
    super(message);
    this.place = place;
  }
}

/** A YAML file that is read value by value, each with its place. Texts are what was written: `yes` and `1` stay texts, as in Go. */
export class YamlFile {
  readonly #document: Document;
  readonly #lines: LineCounter;
  /** What aliases stand for: finding that out looks through the whole document. */
  readonly #resolved = new Map<Alias, unknown>();
  #left = MOST_VALUES;

  private constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  /** Of several documents the first is read, as Go's decoder does when it is asked once. */
  static read(text: string): YamlResult {
    const lines = new LineCounter();
    const options = { lineCounter: lines, uniqueKeys: true };
    const [first] = parseAllDocuments(text, options);
    const document = first ?? parseDocument('', options);
    const [error] = document.errors;
    if (error === undefined) return { ok: true, yaml: new YamlFile(document, lines) };
    const at = error.linePos?.[0];
    return {
      ok: false,
      place: at === undefined ? undefined : { line: at.line, column: at.col },
      reason: error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:$/, '') ?? error.message,
    };
  }

  get root(): YamlValue {
    return this.#value(this.#document.contents, { line: 1, column: 1 });
  }

  /** Fields by name; undefined where the value is no mapping. Nothing at all is an empty one. */
  fields(value: YamlValue): ReadonlyMap<string, YamlField> | undefined {
    if (isNothing(value.node)) return new Map();
    if (!isMap(value.node)) return undefined;
    const fields = new Map<string, YamlField>();
    const merged: YamlValue[] = [];
    for (const { key, value: inner } of value.node.items) {
      const keyPlace = this.#placeOf(key, value.place);
      const found = { ...this.#value(inner, keyPlace), keyPlace };
      const name = scalarText(key) ?? '';
      if (name === '<<') merged.push(found);
      else fields.set(name, found);
    }
    for (const one of merged)
      for (const part of isSeq(one.node) ? (this.items(one) ?? []) : [one])
        for (const [name, field] of this.fields(part) ?? []) if (!fields.has(name)) fields.set(name, field);
    return fields;
  }

  /** Undefined where the value is no list. Nothing at all is an empty one, and an item that is nothing is none, as in Go. */
  items(value: YamlValue): readonly YamlValue[] | undefined {
    if (isNothing(value.node)) return [];
    if (!isSeq(value.node)) return undefined;
    return value.node.items
      .map((item) => this.#value(item, value.place))
      .filter(({ node }) => !isNothing(node));
  }

  /** The text of a scalar, empty for nothing; undefined where the value is none. */
  text(value: YamlValue): string | undefined {
    return isNothing(value.node) ? '' : scalarText(value.node);
  }

  /** A scalar as YAML understands it: a number, true or false, a text; undefined where the value is none. */
  plain(value: YamlValue): unknown {
    return isScalar(value.node) ? value.node.value : undefined;
  }

  isNothing(value: YamlValue): boolean {
    return isNothing(value.node);
  }

  #value(node: unknown, fallback: YamlPlace): YamlValue {
    const place = this.#placeOf(node, fallback);
    this.#left -= isAlias(node) ? ALIAS_VALUES : 1;
    if (this.#left < 0) throw new YamlUnusable(place, `more than ${MOST_VALUES} values`);
    if (!isAlias(node)) return { node, place };
    const resolved = this.#resolved.get(node) ?? node.resolve(this.#document);
    this.#resolved.set(node, resolved);
    if (resolved === undefined) throw new YamlUnusable(place, `unknown anchor "${node.source}"`);
    return { node: resolved, place };
  }

  #placeOf(node: unknown, fallback: YamlPlace): YamlPlace {
    const range = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range : undefined;
    if (range === undefined || range === null) return fallback;
    const { line, col } = this.#lines.linePos(range[0]);
    return { line, column: col };
  }
}

function isNothing(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

function scalarText(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  const { value, source } = node;
  if (typeof value === 'string') return value;
  return source ?? String(value);
}
