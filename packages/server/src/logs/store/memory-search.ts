import { type LineChunk, type RowLine, readRow } from './chunk.ts';
import { comparePlaces, createLineMatcher, type LinePlace, type LineQuery, placeOf } from './query.ts';

export interface MemoryLine extends RowLine {
  readonly place: LinePlace;
}

/** Rows read between breaths, a few ms. */
const SLICE = 4000;

/** The lines of a query among chunks in memory: the first `limit` of them in the query's direction. */
export async function searchChunks(
  chunks: readonly LineChunk[],
  query: LineQuery,
  breathe: () => Promise<void>,
): Promise<readonly MemoryLine[]> {
  const matches = createLineMatcher(query);
  const sign = query.direction === 'backward' ? -1 : 1;
  const inOrder = (a: MemoryLine, b: MemoryLine): number => sign * comparePlaces(a.place, b.place);
  const fromMs = Number(query.from / 1_000_000n);
  const toMs = Number(query.to / 1_000_000n);
  const first = (lines: MemoryLine[]): MemoryLine[] => lines.sort(inOrder).slice(0, query.limit);
  let found: MemoryLine[] = [];
  /** Once there are enough: the last of them. What comes after it is not looked at. */
  let last: LinePlace | undefined;
  let budget = SLICE;
  for (const chunk of chunks) {
    for (let row = 0; row < chunk.rows; row++) {
      if (chunk.ms[row] < fromMs || chunk.ms[row] > toMs) continue;
      const place = placeOf(chunk, row);
      if (place.time < query.from || place.time >= query.to) continue;
      if (query.after !== undefined && sign * comparePlaces(place, query.after) <= 0) continue;
      if (last !== undefined && sign * comparePlaces(place, last) > 0) continue;
      if (--budget <= 0) {
        budget = SLICE;
        await breathe();
      }
      const line = readRow(chunk, row);
      if (!matches(line)) continue;
      found.push({ ...line, place });
      if (found.length < query.limit * 4) continue;
      found = first(found);
      last = found.at(-1)?.place;
    }
  }
  return first(found);
}
