import { Labels } from '@pharos/promql';
import { lengthOf, type PostingList, retained, withRef } from './postings.ts';

/** What a value, or a name, takes beside its text: its entry in a map, in lists, its string's head. */
const VALUE_OVERHEAD = 100;
const NAME_OVERHEAD = 300;

/** One label name: the numbers of its values' pairs. */
export interface NamedPairs {
  readonly name: string;
  readonly numbers: Map<string, number>;
}

/** The values of one label, each with the rising list of refs that carry it. */
export interface LabelValues extends Iterable<readonly [value: string, refs: PostingList]> {
  readonly size: number;
  get(value: string): PostingList | undefined;
}

const NO_VALUES: LabelValues = { size: 0, get: () => undefined, [Symbol.iterator]: () => [].values() };

/**
 * The label pairs of one tenant, each a number: a series is a row of numbers, and every text is held once however many series
 * carry it. A pair goes with its last series; its number is used again.
 */
export class LabelPairs {
  readonly #names = new Map<string, NamedPairs>();
  readonly #nameOf: NamedPairs[] = [];
  readonly #values: string[] = [];
  readonly #refs: (PostingList | undefined)[] = [];
  readonly #free: number[] = [];
  #bytes = 0;

  /** What names and values take, about; lists of those that carry them are not in it. */
  get bytes(): number {
    return this.#bytes;
  }

  names(): IterableIterator<string> {
    return this.#names.keys();
  }

  named(name: string): NamedPairs | undefined {
    return this.#names.get(name);
  }

  /** Which name a pair's is. */
  nameOf(pair: number): NamedPairs {
    return this.#nameOf[pair];
  }

  valueOf(pair: number): string {
    return this.#values[pair];
  }

  /** The number of a pair, or undefined when no series carries it. */
  find(name: string, value: string): number | undefined {
    return this.#names.get(name)?.numbers.get(value);
  }

  valuesOf(name: string): LabelValues {
    const named = this.#names.get(name);
    if (named === undefined) return NO_VALUES;
    const refsOf = (pair: number): PostingList => this.refsOf(pair);
    return {
      size: named.numbers.size,
      get: (value) => {
        const pair = named.numbers.get(value);
        return pair === undefined ? undefined : refsOf(pair);
      },
      *[Symbol.iterator]() {
        for (const [value, pair] of named.numbers) yield [value, refsOf(pair)] as const;
      },
    };
  }

  /** The refs that carry a pair; never empty. */
  refsOf(pair: number): PostingList {
    return this.#refs[pair] ?? NOBODY;
  }

  /** The numbers of the labels' pairs, new ones for those that no series carries yet: these need `add` at once. */
  numbersOf({ pairs }: Labels): number[] {
    const numbers: number[] = [];
    for (let i = 0; i < pairs.length; i += 2)
      numbers.push(this.#numberOf(pairs[i] ?? '', pairs[i + 1] ?? ''));
    return numbers;
  }

  /** Adds a ref, higher than all before, to the lists of its pairs. */
  add(ref: number, numbers: readonly number[]): void {
    for (const pair of numbers) this.#refs[pair] = withRef(this.#refs[pair], ref);
  }

  /** Takes the refs that the predicate refuses off the lists of these pairs. */
  retain(touched: Iterable<number>, keep: (ref: number) => boolean): void {
    for (const pair of touched) {
      const left = retained(this.refsOf(pair), keep);
      this.#refs[pair] = left;
      if (left === undefined || lengthOf(left) === 0) this.#forget(pair);
    }
  }

  /** The label set that a stretch of numbers stands for. */
  labelsOf(numbers: Uint32Array, from: number, to: number): Labels {
    const pairs: string[] = [];
    for (let i = from; i < to; i++) pairs.push(this.#nameOf[numbers[i]].name, this.#values[numbers[i]]);
    // A literal copy has exactly the length it needs.
    return Labels.fromSortedPairs([...pairs]);
  }

  #numberOf(name: string, value: string): number {
    let named = this.#names.get(name);
    if (named === undefined) {
      this.#names.set(name, (named = { name, numbers: new Map() }));
      this.#bytes += NAME_OVERHEAD + name.length;
    }
    const known = named.numbers.get(value);
    if (known !== undefined) return known;
    this.#bytes += VALUE_OVERHEAD + value.length;
    const pair = this.#free.pop() ?? this.#values.length;
    named.numbers.set(value, pair);
    this.#nameOf[pair] = named;
    this.#values[pair] = value;
    this.#refs[pair] = undefined;
    return pair;
  }

  #forget(pair: number): void {
    const named = this.#nameOf[pair];
    this.#bytes -= VALUE_OVERHEAD + this.#values[pair].length;
    named.numbers.delete(this.#values[pair]);
    if (named.numbers.size === 0) {
      this.#names.delete(named.name);
      this.#bytes -= NAME_OVERHEAD + named.name.length;
    }
    this.#values[pair] = '';
    this.#refs[pair] = undefined;
    this.#free.push(pair);
  }
}

const NOBODY: PostingList = 0;
