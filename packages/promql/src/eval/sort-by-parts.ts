import type { Budget } from './budget.ts';

/** Sorted in one go: about half a millisecond of comparing label sets. */
const RUN = 256;
/** What a comparison counts for in the budget. */
const EFFORT = 50;

/** The items in order, equal ones as they stood; pauses on the way, so that many hold nothing up. */
export async function sortByParts<T>(
  budget: Budget,
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Promise<readonly T[]> {
  if (await isSorted(budget, items, compare)) return items;
  let sorted: T[] = [];
  for (let at = 0; at < items.length; at += RUN) {
    for (const item of items.slice(at, at + RUN).sort(compare)) sorted.push(item);
    if (budget.spend(RUN * 8 * EFFORT)) await budget.pause();
  }
  for (let width = RUN; width < items.length; width *= 2) {
    const merged: T[] = [];
    for (let at = 0; at < items.length; at += 2 * width)
      await merge(budget, { sorted, at, width, compare }, merged);
    sorted = merged;
  }
  return sorted;
}

async function isSorted<T>(
  budget: Budget,
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Promise<boolean> {
  for (let i = 1; i < items.length; i++) {
    if (compare(items[i - 1], items[i]) > 0) return false;
    if (budget.spend(EFFORT)) await budget.pause();
  }
  return true;
}

interface Runs<T> {
  readonly sorted: readonly T[];
  /** Where two sorted runs of `width` items begin, the last ones shorter. */
  readonly at: number;
  readonly width: number;
  readonly compare: (a: T, b: T) => number;
}

async function merge<T>(budget: Budget, { sorted, at, width, compare }: Runs<T>, into: T[]): Promise<void> {
  const middle = Math.min(at + width, sorted.length);
  const end = Math.min(at + 2 * width, sorted.length);
  let [left, right] = [at, middle];
  while (left < middle || right < end) {
    const first = right >= end || (left < middle && compare(sorted[left], sorted[right]) <= 0);
    into.push(sorted[first ? left++ : right++]);
    if (budget.spend(EFFORT)) await budget.pause();
  }
}
