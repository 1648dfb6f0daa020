import type { Labels } from '@pharos/promql';
import { Labels as LabelSet } from '@pharos/promql';
import type { Groups, VectorValue } from '@pharos/promql/vectors';
import type { Grouping } from '../parse/ast.ts';
import type { Entry } from '../pipeline/entry.ts';
import type { EvalContext } from './context.ts';

/** The labels a group keeps. A label without a value is one: it makes another group than no label at all. */
function groupLabels(labels: Labels, { without, labels: names }: Grouping): Labels {
  const set = new Set(names);
  return without ? labels.without(set) : labels.keep(set);
}

/** Splits the series of a vector by labels. */
export async function groupVector(
  { budget }: EvalContext,
  vector: VectorValue,
  grouping: Grouping,
): Promise<Groups> {
  const byKey = new Map<string, number>();
  const labels: Labels[] = [];
  const indexOf = new Int32Array(vector.series.length);
  for (const [index, series] of vector.series.entries()) {
    const own = groupLabels(series.labels, grouping);
    let group = byKey.get(own.key);
    if (group === undefined) {
      group = labels.length;
      byKey.set(own.key, group);
      labels.push(own);
    }
    indexOf[index] = group;
    if (budget.spend(100)) await budget.pause();
  }
  return { count: labels.length, indexOf, labels, dropName: labels.map(() => false), nameless: true };
}

/** Finds what belongs to the labels of an entry, working labels out only for sets not seen before. */
export class SeriesIndex<T> {
  readonly #make: (labels: Labels) => T;
  readonly #grouping: Grouping | undefined;
  readonly #byLabels = new Map<string, T>();
  readonly #byLooseKey = new Map<string, T>();
  readonly #byStream = new Map<Labels, T>();

  /** `make` is called once per distinct label set. */
  constructor(grouping: Grouping | undefined, make: (labels: Labels) => T) {
    this.#grouping = grouping;
    this.#make = make;
  }

  get size(): number {
    return this.#byLabels.size;
  }

  values(): Iterable<T> {
    return this.#byLabels.values();
  }

  of(entry: Entry): T {
    const { untouched } = entry;
    if (untouched !== undefined) return this.#ofStream(untouched);
    const loose = this.#looseKey(entry);
    let found = this.#byLooseKey.get(loose);
    if (found === undefined) {
      found = this.#ofLabels(entry.labels());
      // Only a shortcut: where no two entries are alike it would fill the memory for nothing.
      if (this.#byLooseKey.size < MOST_SHORTCUTS) this.#byLooseKey.set(loose, found);
    }
    return found;
  }

  /** Storages hand out the same object for the same stream again and again. */
  #ofStream(stream: Labels): T {
    let found = this.#byStream.get(stream);
    if (found === undefined) {
      found = this.#ofLabels(stream);
      if (this.#byStream.size < MOST_SHORTCUTS) this.#byStream.set(stream, found);
    }
    return found;
  }

  #ofLabels(all: Labels): T {
    const labels = this.#grouping === undefined ? all : groupLabels(all, this.#grouping);
    let found = this.#byLabels.get(labels.key);
    if (found === undefined) {
      found = this.#make(labels);
      this.#byLabels.set(labels.key, found);
    }
    return found;
  }

  /** Of grouped series only the labels that count are looked at. */
  #looseKey(entry: Entry): string {
    if (this.#grouping === undefined || this.#grouping.without) return entry.looseKey();
    let key = '';
    for (const name of this.#grouping.labels) {
      const value = entry.get(name);
      key += value === undefined ? '-' : `${value.length}:${value}`;
    }
    return key;
  }
}

const MOST_SHORTCUTS = 50_000;

/** A label set with one label set or, for an empty value, removed; labels without a value stay as they are. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const pairs: string[] = [];
  let placed = value === '';
  for (let i = 0; i < labels.pairs.length; i += 2) {
    const own = labels.pairs[i] ?? '';
    if (!placed && own >= name) {
      pairs.push(name, value);
      placed = true;
    }
    if (own !== name) pairs.push(own, labels.pairs[i + 1] ?? '');
  }
  if (!placed) pairs.push(name, value);
  return LabelSet.fromSortedPairs(pairs);
}
