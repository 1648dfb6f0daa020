import type { LabelIndex } from './label-index.ts';
import { type PostingList, viewOf } from './postings.ts';

/** Which series count: those of a rising list (all when undefined) that the predicate accepts. */
export interface Among {
  readonly refs: Uint32Array | undefined;
  readonly accepts: (ref: number) => boolean;
}

/** Label names that some series carries: from the lists of the index, mostly by their first member. */
export function namesAmong(index: LabelIndex, among: Among): Set<string> {
  const found = new Set<string>();
  for (const name of index.names()) {
    for (const [, list] of index.valuesOf(name)) {
      if (!hasMember(list, among)) continue;
      found.add(name);
      break;
    }
  }
  return found;
}

/** Values of a label that some series carries. */
export function valuesAmong(index: LabelIndex, name: string, among: Among): Set<string> {
  const found = new Set<string>();
  for (const [value, list] of index.valuesOf(name)) if (hasMember(list, among)) found.add(value);
  return found;
}

function hasMember(list: PostingList, { refs, accepts }: Among): boolean {
  const members = viewOf(list);
  if (refs === undefined) return members.some(accepts);
  const [few, many] = members.length < refs.length ? [members, refs] : [refs, members];
  let from = 0;
  for (const ref of few) {
    from = firstFrom(many, ref, from);
    if (from === many.length) return false;
    if (many[from] === ref && accepts(ref)) return true;
  }
  return false;
}

/** First index from `start` on whose item is at least `ref`, by steps that double and then halve. */
function firstFrom(items: Uint32Array | readonly number[], ref: number, start: number): number {
  let high = start;
  for (let step = 1; high < items.length && items[high] < ref; step *= 2) high += step;
  high = Math.min(high, items.length);
  let low = start;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items[middle] < ref) low = middle + 1;
    else high = middle;
  }
  return low;
}
