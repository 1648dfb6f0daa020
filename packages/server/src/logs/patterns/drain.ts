import { isSeparator, patternText, VARIABLE } from './tokens.ts';

/** Words of a line that must be those of a template for it to belong there (Drain's `st`). */
const SIMILARITY = 0.5;
/** Templates that are compared with a line. */
const MOST_COMPARED = 60;

/** What lines have in common. */
export interface Template {
  tokens: string[];
  pattern: string;
  /** Milliseconds, wall clock. */
  firstSeen: number;
  lastSeen: number;
  /** Set when it was let go of. */
  gone: boolean;
}

/**
 * Online template mining (He, Zhu, Zheng, Lyu: Drain, ICWS 2017): a tree of fixed depth (separators in their order, then the first
 * word), whose leaves hold templates; a line joins the most similar one, whose differing words become variable, or makes a new one.
 * At most `limit` templates: the one that was not seen for longest goes.
 */
export class DrainTree {
  readonly #limit: number;
  readonly #leaves = new Map<string, Template[]>();
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  *templates(): IterableIterator<Template> {
    for (const leaf of this.#leaves.values()) yield* leaf;
  }

  /** The template of a line; `isNew` when none was similar. */
  learn(tokens: string[], at: number): { readonly template: Template; readonly isNew: boolean } {
    const key = leafOf(tokens);
    const leaf = this.#leaves.get(key);
    const known = leaf === undefined ? undefined : mostSimilar(leaf, tokens);
    if (known !== undefined) {
      merge(known, tokens);
      known.lastSeen = Math.max(known.lastSeen, at);
      known.firstSeen = Math.min(known.firstSeen, at);
      return { template: known, isNew: false };
    }
    if (this.#size >= this.#limit) this.#forgetOldest();
    const template: Template = {
      tokens,
      pattern: patternText(tokens),
      firstSeen: at,
      lastSeen: at,
      gone: false,
    };
    const own = this.#leaves.get(key);
    if (own === undefined) this.#leaves.set(key, [template]);
    else own.push(template);
    this.#size++;
    return { template, isNew: true };
  }

  #forgetOldest(): void {
    let oldest: { key: string; template: Template } | undefined;
    for (const [key, leaf] of this.#leaves)
      for (const template of leaf)
        if (oldest === undefined || template.lastSeen < oldest.template.lastSeen) oldest = { key, template };
    if (oldest === undefined) return;
    const { key, template } = oldest;
    template.gone = true;
    const left = (this.#leaves.get(key) ?? []).filter((other) => other !== template);
    if (left.length === 0) this.#leaves.delete(key);
    else this.#leaves.set(key, left);
    this.#size--;
  }
}

/** Lines of one leaf have the same separators in the same places, and the same first word or a variable one. */
function leafOf(tokens: readonly string[]): string {
  let key = '';
  let first: string | undefined;
  for (const token of tokens) {
    if (isSeparator(token)) key += token;
    else {
      first ??= token;
      key += 'w';
    }
  }
  return `${first ?? ''}\u0000${key}`;
}

function mostSimilar(leaf: readonly Template[], tokens: readonly string[]): Template | undefined {
  let best: Template | undefined;
  let most = SIMILARITY;
  for (let i = Math.max(0, leaf.length - MOST_COMPARED); i < leaf.length; i++) {
    const template = leaf[i];
    if (template === undefined) continue;
    const similarity = similarityOf(template.tokens, tokens);
    if (similarity > most || (similarity === most && best === undefined)) {
      best = template;
      most = similarity;
    }
  }
  return best;
}

/** The share of equal words among those that are not variable in both; 1 when there are none. */
function similarityOf(template: readonly string[], tokens: readonly string[]): number {
  let words = 0;
  let equal = 0;
  for (let i = 0; i < tokens.length; i++) {
    const [mine, other] = [template[i], tokens[i]];
    if (mine === other && (mine === VARIABLE || isSeparator(mine ?? ''))) continue;
    words++;
    if (mine === other) equal++;
  }
  return words === 0 ? 1 : equal / words;
}

function merge(template: Template, tokens: readonly string[]): void {
  let changed = false;
  for (let i = 0; i < tokens.length; i++) {
    if (template.tokens[i] === tokens[i] || template.tokens[i] === VARIABLE) continue;
    template.tokens[i] = VARIABLE;
    changed = true;
  }
  if (changed) template.pattern = patternText(template.tokens);
}
