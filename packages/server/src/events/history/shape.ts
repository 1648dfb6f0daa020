import type { JsonObject, JsonValue } from '../event.ts';

const MOST_FIELDS = 40;
const MOST_NAME = 40;

/** The kind of a value in one letter. */
function kindOf(value: JsonValue): string {
  if (value === null) return '0';
  if (typeof value === 'number') return 'n';
  if (typeof value === 'string') return 's';
  if (typeof value === 'boolean') return 'b';
  return Array.isArray(value) ? 'a' : 'o';
}

/** The members of an object, in order, to be compared with those of another. */
export class MemberKinds {
  readonly #names: readonly string[];
  readonly #kinds: readonly string[];

  constructor(data: JsonObject) {
    this.#names = Object.keys(data);
    this.#kinds = this.#names.map((name) => kindOf(data[name]));
  }

  /** Whether an object has the same names in the same order, with values of the same kinds. */
  equal(data: JsonObject): boolean {
    let at = 0;
    for (const name in data) {
      if (name !== this.#names[at] || kindOf(data[name]) !== this.#kinds[at]) return false;
      at++;
    }
    return at === this.#names.length;
  }
}

/** Names and kinds of the members in the order they came: cheap to make, so that it can be looked up. */
export function rawShape(data: JsonObject): string {
  let text = '';
  let fields = 0;
  for (const name in data) {
    if (++fields > MOST_FIELDS) break;
    text += `${kindOf(data[name])}${name.length > MOST_NAME ? name.slice(0, MOST_NAME) : name},`;
  }
  return text;
}

/** The same whatever the order of the members. */
export function shapeOf(raw: string): string {
  return raw.split(',').filter(Boolean).sort(byName).join(',');
}

function byName(a: string, b: string): number {
  const [left, right] = [a.slice(1), b.slice(1)];
  return left === right ? 0 : left < right ? -1 : 1;
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['0', 'null'],
  ['n', 'a number'],
  ['s', 'a text'],
  ['b', 'true or false'],
  ['a', 'a list'],
  ['o', 'an object'],
]);

/** In words, how a shape differs from the usual one. */
export function differenceOf(usual: string, shape: string): string {
  const [before, after] = [fieldsOf(usual), fieldsOf(shape)];
  const words: string[] = [];
  for (const [name, kind] of before) {
    const now = after.get(name);
    if (now === undefined) words.push(`${name} is missing`);
    else if (now !== kind) words.push(`${name} is ${KINDS.get(now)} where it was ${KINDS.get(kind)}`);
  }
  for (const name of after.keys()) if (!before.has(name)) words.push(`${name} is new`);
  return words.slice(0, 5).join(', ');
}

function fieldsOf(shape: string): ReadonlyMap<string, string> {
  return new Map(
    shape
      .split(',')
      .filter(Boolean)
      .map((part) => [part.slice(1), part.slice(0, 1)]),
  );
}
