import { compareText, Labels } from '@pharos/promql';

export const ERROR_LABEL = '__error__';
export const ERROR_DETAILS_LABEL = '__error_details__';

/** What is put behind a name that something before a parser already has. */
export const EXTRACTED = '_extracted';

/**
 * Where a label of an entry comes from. What a parser took from the line and what a format or an expression made differ in
 * one thing: of two parsers the first keeps a name, anything else replaces it.
 */
export type Origin = 'stream' | 'metadata' | 'parsed' | 'made';

/** The labels of a finished entry, by where they come from. */
export interface CategorizedLabels {
  readonly stream: Labels;
  readonly metadata: Labels;
  readonly parsed: Labels;
}

/** Names up to which looking through all of them is quickest. */
const FEW_NAMES = 32;

/**
 * One log line on its way through the stages: the line, its labels, and the first error. The same object serves every line
 * of a query. Two rules for names that meet: the name itself goes to the stream, then to structured metadata, then to what
 * was parsed; the one `name_extracted` goes the other way round.
 */
export class Entry {
  /** ns since the Unix epoch. */
  timestamp = 0n;
  line = '';
  error = '';
  errorDetails = '';
  #stream: Labels = Labels.EMPTY;
  #metadata: Labels = Labels.EMPTY;
  #names: string[] = [];
  /** Places of the names, once there are many. */
  #places: Map<string, number> | undefined;
  #values: string[] = [];
  #origins: Origin[] = [];
  #loaded = false;
  /** Whether any label is not as it was stored. */
  #changed = false;
  #wanted: ReadonlySet<string> | undefined;
  /** Fields that may end up under a wanted name. */
  #wantedFields: ReadonlySet<string> | undefined;

  /** Only parsed fields of these names need to be kept; undefined for all. Holds for every line from now on. */
  want(names: ReadonlySet<string> | undefined): void {
    this.#wanted = names;
    if (names === undefined) this.#wantedFields = undefined;
    else {
      const fields = new Set(names);
      for (const name of names) if (name.endsWith(EXTRACTED)) fields.add(name.slice(0, -EXTRACTED.length));
      this.#wantedFields = fields;
    }
  }

  reset(timestamp: bigint, line: string, stream: Labels, metadata: Labels): void {
    this.timestamp = timestamp;
    this.line = line;
    this.error = '';
    this.errorDetails = '';
    this.#stream = stream;
    this.#metadata = metadata;
    this.#loaded = false;
    this.#changed = false;
  }

  /** Tells the first error only; later ones follow from it. */
  fail(error: string, details: string): void {
    if (this.error !== '') return;
    this.error = error;
    this.errorDetails = details;
  }

  /** The value of a label, undefined where there is none. `__error__` and its details are no labels here. */
  get(name: string): string | undefined {
    if (!this.#loaded) this.#load();
    const at = this.#find(name);
    return at === -1 ? undefined : this.#values[at];
  }

  originOf(name: string): Origin | undefined {
    if (!this.#loaded) this.#load();
    return this.#origins[this.#find(name)];
  }

  /** The names of all labels, errors excepted. */
  names(): readonly string[] {
    if (!this.#loaded) this.#load();
    return this.#names;
  }

  /** The name under which a parser's field would appear. */
  parsedName(name: string): string {
    if (!this.#loaded) this.#load();
    const { pairs } = this.#stream;
    // A label the stream had and lost still keeps its name.
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return name + EXTRACTED;
    const at = this.#find(name);
    return at !== -1 && this.#origins[at] === 'metadata' ? name + EXTRACTED : name;
  }

  /** Whether a field a parser found would be kept; false spares reading its value. */
  wantsParsed(field: string): boolean {
    return this.#wantedFields === undefined || this.#wantedFields.has(field);
  }

  /** A field a parser found; the first one of a name counts. */
  addParsed(field: string, value: string): void {
    const name = this.parsedName(field);
    if (isErrorLabel(name) || (this.#wanted !== undefined && !this.#wanted.has(name))) return;
    this.#changed = true;
    const at = this.#find(name);
    if (at === -1) this.#push(name, value, 'parsed');
    else if (this.#origins[at] !== 'parsed') this.#put(at, value, 'parsed');
  }

  /** The labels of the stream, where they are all there is: no stage has changed any, and nothing failed. */
  get untouched(): Labels | undefined {
    return this.#isUntouched() ? this.#stream : undefined;
  }

  /** Sets a label whatever was there. */
  set(name: string, value: string, origin: Origin = 'made'): void {
    if (isErrorLabel(name)) return;
    if (!this.#loaded) this.#load();
    this.#changed = true;
    const at = this.#find(name);
    if (at === -1) this.#push(name, value, origin);
    else this.#put(at, value, origin);
  }

  /** Removes every label that is not wanted. */
  keepOnly(isWanted: (name: string, value: string) => boolean): void {
    if (!this.#loaded) this.#load();
    const names = this.#names;
    let kept = 0;
    for (let i = 0; i < names.length; i++) {
      const name = names[i] ?? '';
      const value = this.#values[i] ?? '';
      if (!isWanted(name, value)) continue;
      names[kept] = name;
      this.#values[kept] = value;
      this.#origins[kept] = this.#origins[i] ?? 'stream';
      kept++;
    }
    if (kept === names.length) return;
    this.#changed = true;
    this.#places = undefined;
    names.length = kept;
    this.#values.length = kept;
    this.#origins.length = kept;
  }

  remove(name: string): void {
    if (!this.#loaded) this.#load();
    const at = this.#find(name);
    if (at === -1) return;
    this.#changed = true;
    this.#places = undefined;
    this.#names.splice(at, 1);
    this.#values.splice(at, 1);
    this.#origins.splice(at, 1);
  }

  /** A text that is equal for entries of equal labels in equal order: a first look that costs no sorting. */
  looseKey(): string {
    if (!this.#loaded) this.#load();
    let key = this.error === '' ? '' : `${this.error.length}!${this.error}`;
    if (this.errorDetails !== '') key += `${this.errorDetails.length}?${this.errorDetails}`;
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i] ?? '';
      const value = this.#values[i] ?? '';
      key += `${name.length}:${name}${value.length}:${value}`;
    }
    return key;
  }

  /** All labels in one set, errors among them; labels without a value stay. */
  labels(): Labels {
    if (this.#isUntouched()) return this.#stream;
    if (!this.#loaded) this.#load();
    return sorted(this.#names, this.#values, this.#errors());
  }

  categorized(): CategorizedLabels {
    if (this.#isUntouched()) return { stream: this.#stream, metadata: Labels.EMPTY, parsed: Labels.EMPTY };
    if (!this.#loaded) this.#load();
    return {
      stream: this.#of((origin) => origin === 'stream', []),
      metadata: this.#of((origin) => origin === 'metadata', []),
      parsed: this.#of((origin) => origin === 'parsed' || origin === 'made', this.#errors()),
    };
  }

  #isUntouched(): boolean {
    return !this.#changed && this.errorDetails === '' && this.error === '' && this.#metadata.size === 0;
  }

  #errors(): readonly string[] {
    const errors: string[] = [];
    if (this.error !== '') errors.push(ERROR_LABEL, this.error);
    if (this.errorDetails !== '') errors.push(ERROR_DETAILS_LABEL, this.errorDetails);
    return errors;
  }

  #of(wanted: (origin: Origin) => boolean, more: readonly string[]): Labels {
    const names: string[] = [];
    const values: string[] = [];
    for (let i = 0; i < this.#names.length; i++) {
      if (!wanted(this.#origins[i] ?? 'stream')) continue;
      names.push(this.#names[i] ?? '');
      values.push(this.#values[i] ?? '');
    }
    return sorted(names, values, more);
  }

  #load(): void {
    this.#loaded = true;
    this.#places = undefined;
    this.#names.length = 0;
    this.#values.length = 0;
    this.#origins.length = 0;
    const { pairs } = this.#stream;
    for (let i = 0; i < pairs.length; i += 2) this.#push(pairs[i] ?? '', pairs[i + 1] ?? '', 'stream');
    const inStream = pairs.length / 2;
    const extra = this.#metadata.pairs;
    for (let i = 0; i < extra.length; i += 2) {
      const name = extra[i] ?? '';
      const at = this.#find(name);
      const clash = at !== -1 && at < inStream;
      this.set(clash ? name + EXTRACTED : name, extra[i + 1] ?? '', 'metadata');
    }
  }

  /** A line may have as many fields as fit into it: looking through all of them for each would take the square of their number. */
  #find(name: string): number {
    const names = this.#names;
    if (names.length <= FEW_NAMES) return names.indexOf(name);
    let places = this.#places;
    if (places === undefined) {
      places = new Map();
      for (let i = 0; i < names.length; i++) places.set(names[i] ?? '', i);
      this.#places = places;
    }
    return places.get(name) ?? -1;
  }

  #push(name: string, value: string, origin: Origin): void {
    this.#places?.set(name, this.#names.length);
    this.#names.push(name);
    this.#values.push(value);
    this.#origins.push(origin);
  }

  #put(at: number, value: string, origin: Origin): void {
    this.#values[at] = value;
    this.#origins[at] = origin;
  }
}

/** No line can pretend to have failed, nor hide that it did: these names are the stages' own. */
function isErrorLabel(name: string): boolean {
  return name === ERROR_LABEL || name === ERROR_DETAILS_LABEL;
}

function sorted(names: readonly string[], values: readonly string[], more: readonly string[]): Labels {
  const order = names.map((_, index) => index).sort((a, b) => compareText(names[a] ?? '', names[b] ?? ''));
  const pairs: string[] = [];
  let next = 0;
  for (const index of order) {
    const name = names[index] ?? '';
    while (next < more.length && (more[next] ?? '') < name) {
      pairs.push(more[next] ?? '', more[next + 1] ?? '');
      next += 2;
    }
    pairs.push(name, values[index] ?? '');
  }
  pairs.push(...more.slice(next));
  return Labels.fromSortedPairs(pairs);
}

/** The labels of an entry that no stage has touched: those of its stream and its structured metadata. */
export function storedLabels(stream: Labels, metadata: Labels): Labels {
  if (metadata.size === 0) return stream;
  const entry = new Entry();
  entry.reset(0n, '', stream, metadata);
  return entry.labels();
}
