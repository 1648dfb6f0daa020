import type { Extent } from './time.ts';
import type { Trace } from './trace.ts';

/** Which rows a waterfall shows: all, or those of interest with what leads to them. */
export const SHOWN = ['all', 'errors', 'path', 'found'] as const;
export type Shown = (typeof SHOWN)[number];

/** The rows of interest; null where all are. */
export function rowsOfInterest(trace: Trace, shown: Shown, found: Found | null): Uint8Array | null {
  switch (shown) {
    case 'all':
      return null;
    case 'errors':
      return trace.failed;
    case 'path': {
      const { first } = trace.path;
      return Uint8Array.from({ length: trace.total }, (_, row) => (first[row + 1] > first[row] ? 1 : 0));
    }
    case 'found':
      return found?.mask ?? null;
  }
}

/** The rows that stand in the waterfall, in order: not below a collapsed one, and of interest or on the way to one that is. */
export function visibleRows(
  { loaded, depth, parent }: Trace,
  collapsed: ReadonlySet<number>,
  interest: Uint8Array | null,
): Int32Array {
  const keep = interest === null ? null : interest.slice(0, loaded);
  // Children stand behind their parent, so going back each row has heard from all that is below it.
  if (keep !== null)
    for (let row = loaded - 1; row >= 0; row--)
      if (keep[row] === 1 && parent[row] >= 0) keep[parent[row]] = 1;
  const rows = new Int32Array(loaded);
  let count = 0;
  let hiddenBelow = Number.POSITIVE_INFINITY;
  for (let row = 0; row < loaded; row++) {
    if (depth[row] > hiddenBelow) continue;
    hiddenBelow = Number.POSITIVE_INFINITY;
    if (keep !== null && keep[row] === 0) continue;
    rows[count++] = row;
    if (collapsed.has(row)) hiddenBelow = depth[row];
  }
  return rows.subarray(0, count);
}

/** The rows of interest that run within a part of the trace's time. */
export function rowsWithin(
  { loaded, start, length }: Trace,
  { from, to }: Extent,
  interest: Uint8Array | null,
): Uint8Array {
  const mask = new Uint8Array(loaded);
  for (let row = 0; row < loaded; row++)
    if (start[row] <= to && start[row] + length[row] >= from && interest?.[row] !== 0) mask[row] = 1;
  return mask;
}

/** Where a row stands among ascending ones; -1 where it does not. */
export function placeOf(rows: Int32Array, row: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (rows[middle] === row) return middle;
    if (rows[middle] < row) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Every row with children from a depth on: what is collapsed so that only the rows above stand. */
export function parentsFrom({ loaded, depth, children }: Trace, level: number): ReadonlySet<number> {
  const rows = new Set<number>();
  for (let row = 0; row < loaded; row++) if (children[row] > 0 && depth[row] >= level) rows.add(row);
  return rows;
}

export interface Found {
  /** 1 for a row that matches. */
  readonly mask: Uint8Array;
  /** Ascending. */
  readonly rows: Int32Array;
}

/** The spans whose service, operation or id contains a text, whatever its case; `others` matched by what only the server knows. */
export function findRows(trace: Trace, text: string, others: ReadonlySet<string> | null): Found | null {
  const needle = text.trim().toLowerCase();
  if (needle === '') return null;
  const contains = (name: string): boolean => name.toLowerCase().includes(needle);
  const services = trace.services.map(contains);
  const operations = trace.operations.map(contains);
  const isId = /^[0-9a-f]{4,16}$/.test(needle);
  const mask = new Uint8Array(trace.total);
  const rows: number[] = [];
  for (let row = 0; row < trace.loaded; row++) {
    const id = trace.spanIds[row] ?? '';
    const matches =
      services[trace.service[row]] === true ||
      operations[trace.operation[row]] === true ||
      (isId && id.includes(needle)) ||
      others?.has(id) === true;
    if (!matches) continue;
    mask[row] = 1;
    rows.push(row);
  }
  return { mask, rows: Int32Array.from(rows) };
}
