import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import type { ConfigProblem } from '../../../kernel/config/load.ts';

/** Aliases followed in one file, and values within each other: more are an attack, or an anchor that holds itself. */
const MOST_ALIASES = 2000;
const MOST_DEPTH = 200;

/** One YAML file while it is read: its nodes, and what is wrong with it. */
export class YamlFile {
  readonly problems: ConfigProblem[] = [];
  /** What must not be shown, with what stands there instead. */
  readonly secrets = new Map<Scalar, string>();
  /** Where the file lies; null when it lies nowhere. Paths in it begin there. */
  readonly directory: string | null;
  readonly #name: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;
  #aliases = 0;
  #isTooMuch = false;

  constructor(name: string, text: string, directory: string | null) {
    this.#name = name;
    this.directory = directory;
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true });
    for (const error of this.#document.errors)
      this.refuse(error.pos[0], '', error.message.split('\n')[0] ?? error.message);
  }

  get root(): Place {
    return new Place(this, this.#document.contents, { path: '', offset: 0, depth: 0 });
  }

  refuse(offset: number, path: string, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push({ where: `${this.#name}:${line}:${col}`, path, message });
  }

  /** The node an alias stands for. One that stands for nothing, or leads too far, is refused, and is nothing. */
  resolved(node: unknown, depth: number, path: string): unknown {
    if (!isAlias(node)) return node;
    this.#aliases++;
    const offset = node.range?.[0] ?? 0;
    if (depth > MOST_DEPTH || this.#aliases > MOST_ALIASES) {
      if (!this.#isTooMuch)
        this.refuse(offset, path, `"*${node.source}" leads too far: too many aliases within each other`);
      this.#isTooMuch = true;
      return null;
    }
    const target = node.resolve(this.#document);
    if (target === undefined) this.refuse(offset, path, `unknown anchor "${node.source}" referenced`);
    return target ?? null;
  }

  /** The text with its secrets masked, without comments, which may hold some. Reading is over after that. */
  masked(): string {
    for (const [secret, shown] of this.secrets) if (secret.value !== '') secret.value = shown;
    visit(this.#document, {
      Node: (_key, node) => {
        node.comment = null;
        node.commentBefore = null;
      },
    });
    this.#document.comment = null;
    this.#document.commentBefore = null;
    return this.#document.toString();
  }
}

interface Position {
  readonly path: string;
  /** What messages point at where the value itself has no place. */
  readonly offset: number;
  readonly depth: number;
}

/** A value in a file, and where it stands. */
export class Place {
  readonly file: YamlFile;
  /** Like `route.routes.0.receiver`. */
  readonly path: string;
  readonly node: unknown;
  readonly #offset: number;
  readonly #depth: number;
  /** Read once: aliases in it are followed once, too. */
  #entries: ReadonlyMap<string, Place> | null | undefined;

  constructor(file: YamlFile, node: unknown, { path, offset, depth }: Position) {
    this.file = file;
    this.node = file.resolved(node, depth, path);
    this.path = path;
    this.#offset = startOf(node) ?? offset;
    this.#depth = depth;
  }

  /** Nothing is written, or one of YAML's words for nothing. */
  get isNull(): boolean {
    return this.node === null || (isScalar(this.node) && this.node.value === null);
  }

  /** The text of a scalar as written, without quotes; null for anything else. */
  get text(): string | null {
    if (this.isNull) return '';
    return isScalar(this.node) ? (this.node.source ?? String(this.node.value)) : null;
  }

  /** A scalar without quotes, which may be more than a text. */
  get isPlain(): boolean {
    return isScalar(this.node) && (this.node.type === undefined || this.node.type === 'PLAIN');
  }

  /** Null when it is no list. */
  items(): readonly Place[] | null {
    if (!isSeq(this.node)) return null;
    return this.node.items.map((item, i) => this.#child(String(i), item, this.#offset));
  }

  /** Names and values of a mapping; those merged into it (`<<`) come last and only where the name is free. Null when it is none. */
  entries(): ReadonlyMap<string, Place> | null {
    this.#entries ??= this.#readEntries();
    return this.#entries;
  }

  #readEntries(): ReadonlyMap<string, Place> | null {
    if (!isMap(this.node)) return null;
    const own = new Map<string, Place>();
    const merged: Place[] = [];
    for (const { key, value } of this.node.items) {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : '';
      const place = this.#child(name, value, startOf(key) ?? this.#offset);
      if (name === '<<') merged.push(...(place.items() ?? [place]));
      else own.set(name, place);
    }
    for (const place of merged)
      for (const [name, value] of place.entries() ?? []) if (!own.has(name)) own.set(name, value);
    return own;
  }

  /** The value of a name; where none is written, the place of the mapping. */
  at(name: string): Place {
    return this.entries()?.get(name) ?? this.#child(name, null, this.#offset);
  }

  refuse(message: string): undefined {
    this.file.refuse(this.#offset, this.path, message);
  }

  /** Its value is never shown. */
  hide(shownAs: string): void {
    if (isScalar(this.node)) this.file.secrets.set(this.node, shownAs);
  }

  #child(name: string, node: unknown, offset: number): Place {
    const path = this.path === '' ? name : `${this.path}.${name}`;
    return new Place(this.file, node, { path, offset, depth: this.#depth + 1 });
  }
}

function startOf(node: unknown): number | undefined {
  if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return undefined;
  // A value that is not written has no width; its name tells more.
  const range = node.range;
  return range === null || range === undefined || range[0] === range[1] ? undefined : range[0];
}
