import { type NeedleSet, REDACTED, type RedactionRule } from '../logs/index.ts';
import { isObject, type JsonObject, type JsonValue } from './event.ts';

/** Names whose values are nobody's business, besides those that the rules know; letters and digits only, lower case. */
const SENSITIVE =
  /(?:password|passwd|pwd|passphrase|secret|token|apikey|privatekey|accesskey|authorization|cookie|creditcard|cardnumber|cvv|cvc|ssn|iban|sessionid|otp|pin)$/;
/** Words that end like one of them and are none. */
const HARMLESS = /(?:shopping|spin|ping|tokens)$/;
const MOST_NAMES = 20_000;
const LONGEST_NAME = 256;
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

  constructor(options: MaskOptions) {
    this.#options = options;
    this.#names = new Set(options.names.map(plain));
    this.#needles = options.needles(options.values.map(({ literals }) => literals));
    this.#others = options.values.filter(({ literals }) => literals.length === 0);
  }

  /** Whether any text in these bytes of JSON could be something to take out. What is escaped could be anything. */
  mayHide(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#options.values.length === 0) return false;
    if (this.#needles.look(bytes, start, end) !== 0) return true;
    const part = bytes.subarray(start, end);
    return part.includes(0x5c) || this.#others.some((rule) => rule.mayMatch?.(part) ?? true);
  }

  /** The value itself when there is nothing to hide. */
  apply(object: JsonObject, mayHide: boolean): JsonObject {
    const masked = this.#value(object, mayHide);
    return isObject(masked) ? masked : object;
  }

  #value(value: JsonValue, mayHide: boolean): JsonValue {
    if (typeof value === 'string') return mayHide ? this.#text(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return this.#list(value, mayHide);
    return isObject(value) ? this.#object(value, mayHide) : value;
  }

  #list(list: readonly JsonValue[], mayHide: boolean): JsonValue {
    let changed = false;
    const items = list.map((item) => {
      const next = this.#value(item, mayHide);
      changed ||= next !== item;
      return next;
    });
    return changed ? items : list;
  }

  #object(object: JsonObject, mayHide: boolean): JsonObject {
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

  #text(text: string): string {
    let next = text;
    for (const rule of this.#options.values)
      if (rule.literals.length === 0 || rule.literals.some((literal) => next.includes(literal)))
        next = rule.apply(next);
    if (next !== text) this.#options.masked();
    return next;
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
