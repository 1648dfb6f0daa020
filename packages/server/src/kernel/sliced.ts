/** Work in slices: it yields wherever others may run, and returns what it made. */
export type Sliced<Made> = Generator<undefined, Made>;

/** Items between two pauses: a few milliseconds at some microseconds each. */
export const SLICE_ITEMS = 1000;

/** Does the work, with a breath after each slice. */
export async function inSlices<Made>(work: Sliced<Made>, breathe: () => Promise<void>): Promise<Made> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await breathe();
  }
}

/** Does the work without a pause. */
export function atOnce<Made>(work: Sliced<Made>): Made {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Visits each item. */
export function* visitSliced<Item>(items: Iterable<Item>, visit: (item: Item) => void): Sliced<void> {
  let left = SLICE_ITEMS;
  for (const item of items) {
    visit(item);
    if (--left > 0) continue;
    left = SLICE_ITEMS;
    yield;
  }
}

/** A stable sort into a new array: runs of a slice's length, merged pairwise. */
export function* sortSliced<Item extends object>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Sliced<Item[]> {
  if (items.length <= SLICE_ITEMS) return [...items].sort(compare);
  let runs: Item[][] = [];
  for (let at = 0; at < items.length; at += SLICE_ITEMS) {
    runs.push(items.slice(at, at + SLICE_ITEMS).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let i = 0; i < runs.length; i += 2)
      merged.push(yield* mergeSliced(runs[i] ?? [], runs[i + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergeSliced<Item extends object>(
  left: readonly Item[],
  right: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Sliced<Item[]> {
  const merged: Item[] = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const [a, b] = [left[l], right[r]];
    if (a !== undefined && (b === undefined || compare(a, b) <= 0)) {
      merged.push(a);
      l++;
    } else {
      if (b !== undefined) merged.push(b);
      r++;
    }
    if (merged.length % SLICE_ITEMS === 0) yield;
  }
  return merged;
}
