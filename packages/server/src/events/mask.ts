import { bitOf, type NeedleSet, REDACTED, type RedactionRule } from '../logs/index.ts';
import { isObject, type JsonObject, type JsonValue } from './event.ts';

/** Names whose values are nobody's business, besides those that the rules know; letters and digits only, lower case. */
const SENSITIVE =
  /(?:password|passwd|pwd|passphrase|secret|token|apikey|privatekey|accesskey|authorization|cookie|creditcard|cardnumber|cvv|cvc|ssn|iban|sessionid|otp|pin)$/;
/** Words that end like one of them and are none. */
const HARMLESS = /(?:shopping|spin|ping|tokens)$/;
const MOST_NAMES = 20_000;
const LONGEST_NAME = 256;
/** Texts so short come again and again; of so many it is known that no rule takes anything out of them. */
const LONGEST_CLEAN = 32;
const MOST_CLEAN = 2000;
/** No bit of {@link bitOf}: rules that are known by no literal. */
const OTHERS = 1 << 31;
/** Whatever there is to find. */
const ANYTHING = -1;
/** Deeper values are refused by the door. */
export const MOST_DEPTH = 32;

export interface MaskOptions {
  /** Further names, in any spelling. */
  readonly names: readonly string[];
  readonly values: readonly RedactionRule[];
  readonly needles: (texts: readonly (readonly string[])[]) => NeedleSet;
  /** Told of each value taken out. */
  readonly masked: () => void;
}

/** Takes what must not be stored out of events, before rules or anybody else see them. */
export class Mask {
  readonly #options: MaskOptions;
  readonly #names: ReadonlySet<string>;
  readonly #needles: NeedleSet;
  readonly #others: readonly RedactionRule[];
  readonly #known = new Map<string, boolean>();
  readonly #clean = new Set<string>();

  constructor(options: MaskOptions) {
    this.#options = options;
    this.#names = new Set(options.names.map(plain));
    this.#needles = options.needles(options.values.map(({ literals }) => literals));
    this.#others = options.values.filter(({ literals }) => literals.length === 0);
  }

  /** Which rules could find something to take out of the texts in these bytes of JSON; 0 for none. What is escaped could be anything. */
  mayHide(bytes: Uint8Array, start: number, end: number): number {
    if (this.#options.values.length === 0) return 0;
    const part = bytes.subarray(start, end);
    if (part.includes(0x5c)) return ANYTHING;
    const others = this.#others.some((rule) => rule.mayMatch?.(part) ?? true);
    return this.#needles.look(bytes, start, end) | (others ? OTHERS : 0);
  }

  /** The value itself when there is nothing to hide. `mayHide` says which rules are to look, see {@link mayHide}. */
  apply(object: JsonObject, mayHide: number): JsonObject {
    const masked = this.#value(object, mayHide);
    return isObject(masked) ? masked : object;
  }

  #value(value: JsonValue, mayHide: number): JsonValue {
    if (typeof value === 'string') return mayHide === 0 ? value : this.#text(value, mayHide);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return this.#list(value, mayHide);
    return isObject(value) ? this.#object(value, mayHide) : value;
  }

  #list(list: readonly JsonValue[], mayHide: number): JsonValue {
    let changed = false;
    const items = list.map((item) => {
      const next = this.#value(item, mayHide);
      changed ||= next !== item;
      return next;
    });
    return changed ? items : list;
  }

  #object(object: JsonObject, mayHide: number): JsonObject {
    let entries: [string, JsonValue][] | null = null;
    for (const name in object) {
      const value = object[name];
      const hidden = this.#isSensitive(name) && value !== null && typeof value !== 'boolean';
      const next = hidden ? REDACTED : this.#value(value, mayHide);
      if (next === value) continue;
      if (hidden) this.#options.masked();
      entries ??= Object.entries(object);
      const entry = entries.find(([key]) => key === name);
      if (entry !== undefined) entry[1] = next;
    }
    // From entries every name becomes an own member, `__proto__` too.
    return entries === null ? object : Object.fromEntries(entries);
  }

  #text(text: string, mayHide: number): string {
    const isShort = text.length <= LONGEST_CLEAN;
    if (isShort && this.#clean.has(text)) return text;
    let next = text;
    for (const [index, rule] of this.#options.values.entries())
      if (
        rule.literals.length === 0
          ? (mayHide & OTHERS) !== 0
          : (mayHide & bitOf(index)) !== 0 && rule.literals.some((literal) => next.includes(literal))
      )
        next = rule.apply(next);
    if (next !== text) this.#options.masked();
    else if (isShort && this.#clean.size < MOST_CLEAN && this.#isClean(text)) this.#clean.add(text);
    return next;
  }

  #isClean(text: string): boolean {
    return this.#options.values.every((rule) => rule.apply(text) === text);
  }

  #isSensitive(name: string): boolean {
    let known = this.#known.get(name);
    if (known === undefined) {
      const word = plain(name);
      known = this.#names.has(word) || (SENSITIVE.test(word) && !HARMLESS.test(word));
      if (this.#known.size < MOST_NAMES) this.#known.set(name, known);
    }
    return known;
  }
}

function plain(name: string): string {
  return name
    .slice(-LONGEST_NAME)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}
