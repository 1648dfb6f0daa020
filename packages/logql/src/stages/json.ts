import { followJsonPath, parseJsonPath } from '../formats/json-path.ts';
import { JsonReader } from '../formats/json-reader.ts';
import { sanitizeKey } from '../formats/label-key.ts';
import type { Entry } from '../pipeline/entry.ts';
import { requireLabelNames } from './names.ts';
import type { StageCompiler } from './types.ts';
import { JSON_ERROR } from './types.ts';

/** Objects nested deeper are left out. */
const MAX_DEPTH = 32;
/** More distinct keys of one object than this are not remembered. */
const MOST_KEYS = 5000;
/** Places of an object whose keys are guessed. */
const MOST_PLACES = 200;

/** `json`: every field of the line's object, nested names joined by `_`; or with expressions only what they point at. */
export const json: StageCompiler<'json'> = ({ extractions }) => {
  if (extractions.length > 0) return extract(extractions);
  const reader = new JsonReader();
  const root = new KeyNode('');
  return (entry) => {
    if (entry.line === '') return true;
    reader.reset(entry.line);
    if (reader.kind() !== 'object') entry.fail(JSON_ERROR, 'expected a JSON object');
    else if (!flatten(reader, root, entry, 0)) entry.fail(JSON_ERROR, reader.problem);
    return true;
  };
};

/** The label names of an object's fields, worked out once per key. */
class KeyNode {
  readonly name: string;
  /** The keys of the last object, in order. */
  readonly #order: string[] = [];
  readonly #nodes: KeyNode[] = [];
  readonly #children = new Map<string, KeyNode>();
  /** What stands at a place if this object is like the last one. */
  readonly guess = (place: number): string | undefined => this.#order[place];

  constructor(name: string) {
    this.name = name;
  }

  /** The child of a key that stands at a place; remembered for the next object. */
  at(key: string, place: number): KeyNode {
    const known = this.#nodes[place];
    if (known !== undefined && this.#order[place] === key) return known;
    const node = this.child(key);
    if (place < MOST_PLACES && !/["\\]/.test(key)) {
      this.#order[place] = key;
      this.#nodes[place] = node;
    }
    return node;
  }

  child(key: string): KeyNode {
    let node = this.#children.get(key);
    if (node === undefined) {
      const own = sanitizeKey(key, this.name === '');
      node = new KeyNode(own === '' || this.name === '' ? own : `${this.name}_${own}`);
      if (this.#children.size < MOST_KEYS) this.#children.set(key, node);
    }
    return node;
  }
}

function flatten(reader: JsonReader, node: KeyNode, entry: Entry, depth: number): boolean {
  return reader.object((key, place) => {
    const child = node.at(key, place);
    const kind = reader.kind();
    if (kind === undefined) return false;
    if (kind === 'object' && depth < MAX_DEPTH) return flatten(reader, child, entry, depth + 1);
    if (kind === 'array' || kind === 'null' || kind === 'object') return reader.skip();
    if (child.name === '' || !entry.wantsParsed(child.name)) return reader.skip();
    const value = kind === 'string' ? reader.string() : reader.raw();
    if (value === undefined) return false;
    entry.addParsed(child.name, clean(value));
    return true;
  }, node.guess);
}

/** Bytes that were no UTF-8 become spaces: a label cannot hold them. */
function clean(value: string): string {
  return value.includes('\ufffd') ? value.replaceAll('\ufffd', ' ') : value;
}

function extract(
  extractions: readonly { readonly name: string; readonly expression: string }[],
): ReturnType<StageCompiler<'json'>> {
  requireLabelNames(extractions);
  const wanted = extractions.map(({ name, expression }) => ({ name, path: parseJsonPath(expression) }));
  const reader = new JsonReader();
  return (entry) => {
    if (entry.line === '') return true;
    for (const { name, path } of wanted) {
      reader.reset(entry.line);
      const value = followJsonPath(reader, path);
      if (reader.problem !== '' && value === undefined) {
        entry.fail(JSON_ERROR, reader.problem);
        return true;
      }
      if (value !== undefined) entry.set(entry.parsedName(name), clean(value), 'made');
      // What the line lacks is empty, unless something else has the name.
      else if (entry.get(name) === undefined) entry.set(name, '', 'made');
    }
    return true;
  };
}
