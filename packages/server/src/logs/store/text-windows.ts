import {
  type Engine,
  engineErrors,
  inList,
  join,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { logGramsTable } from '../tables.ts';
import { isSet, MOST_SLICES, SLICE_BYTES, slicesOf, slotOf } from './grams.ts';
import { NEVER } from './line-conditions.ts';
import { nanosTime } from './nanos-time.ts';
import type { TimeWindow } from './stream-catalogue.ts';

/** Of a text's places so many are asked for: each leaves out two thirds of the lines that do not hold the text, or more. */
const MOST_PLACES = 8;
/** Windows of one statement at most; those that lie closest become one. */
const MOST_WINDOWS = 64;
/** Shortest window that is asked for in two when its answer is too long for one, in nanoseconds. */
const SHORTEST = 60n * 1_000_000_000n;
const DAY = 86_400_000_000_000n;
/** The slot of a set that holds every text, of lines that were stored before there were sets (tables.ts). */
const ANYTHING = 0;

interface Asked {
  readonly tenant: string;
  readonly window: TimeWindow;
  /** Of {@link textPlaces} and {@link wordPlaces}: a line is looked for that has all of them. */
  readonly places: readonly number[];
}

/**
 * A condition on the time of flushed lines that holds for every one with these places; none where nothing can be told of it. To be asked
 * after memory was looked at: a line flushed since then is in what memory said.
 */
export async function timesOfTexts(
  engine: Pick<Engine, 'query'>,
  { places, ...asked }: Asked,
  signal?: AbortSignal,
): Promise<readonly Sql[]> {
  if (places.length === 0) return [];
  const windows = joined(await windowsOf(engine, { ...asked, places: chosen(places) }, signal));
  const tests = windows.map(({ from, to }) => sql`(ts >= ${nanosTime(from)} AND ts < ${nanosTime(to)})`);
  return [tests.length === 0 ? NEVER : sql`(${join(tests, ' OR ')})`];
}

/** Some of them, from all over the text: its beginning may be in every line. */
function chosen(places: readonly number[]): readonly number[] {
  const all = [...new Set(places)];
  if (all.length <= MOST_PLACES) return all;
  return Array.from({ length: MOST_PLACES }, (_, i) => all[Math.floor((i * all.length) / MOST_PLACES)] ?? 0);
}

/** The times of the sets that hold all places, in halves where one answer does not fit the engine's limits. */
async function windowsOf(
  engine: Pick<Engine, 'query'>,
  asked: Asked,
  signal: AbortSignal | undefined,
): Promise<readonly TimeWindow[]> {
  const { window } = asked;
  try {
    return await askWindows(engine, asked, signal);
  } catch (error) {
    if (!engineErrors.is(error, 'resource') || window.to - window.from < SHORTEST) throw error;
    const middle = (window.from + window.to) / 2n;
    const first = await windowsOf(engine, { ...asked, window: { from: window.from, to: middle } }, signal);
    const second = await windowsOf(engine, { ...asked, window: { from: middle, to: window.to } }, signal);
    return [...first, ...second];
  }
}

async function askWindows(
  engine: Pick<Engine, 'query'>,
  { tenant, window: { from, to }, places }: Asked,
  signal: AbortSignal | undefined,
): Promise<readonly TimeWindow[]> {
  if (from >= to) return [];
  const asking = askedOf(places);
  // A set is of lines of one day. The times of those few that are read are looked at here, which is quicker than one by one there.
  const block = await engine.query(
    sql`SELECT slot, toInt64(toUnixTimestamp64Micro(ts)) AS start, toInt64(toUnixTimestamp64Micro(until)) AS last, bits
      FROM ${table(logGramsTable)}
      WHERE tenant = ${tenantHole} AND indexHint(ts >= ${nanosTime((from / DAY) * DAY)} AND ts < ${nanosTime(to)})
        AND slot IN ${inList([ANYTHING, ...asking.keys()])}`,
    { purpose: 'logs.grams', tenant, ...(signal === undefined ? {} : { signal }) },
  );
  if (block.rows === 0) return [];
  const [slots, starts, lasts] = [block.numbers('slot'), block.numbers('start'), block.numbers('last')];
  const bits = block.column('bits');
  if (bits.kind !== 'bytes') throw engineErrors.make('undecodable', `the bits of a set are ${bits.kind}`);
  const sets = new Sets(2 ** places.length - 1);
  for (let row = 0; row < block.rows; row++) {
    const slot = slots[row] ?? ANYTHING;
    let found = 0;
    for (const { place, sign } of asking.get(slot) ?? [])
      if (isSet(bits.data, row * SLICE_BYTES, place)) found |= sign;
    sets.add(slot, starts[row] ?? 0, lasts[row] ?? 0, found);
  }
  const inside = ({ start, last }: FoundSet): TimeWindow => {
    const [first, end] = [BigInt(start) * 1000n, (BigInt(last) + 1n) * 1000n];
    return { from: first > from ? first : from, to: end < to ? end : to };
  };
  return sets
    .whole()
    .map(inside)
    .filter((found) => found.from < found.to);
}

/** A place and its bit among those that are looked for. */
interface AskedPlace {
  readonly place: number;
  readonly sign: number;
}

/** By slot, the places that are looked for in it, for sets of all sizes. */
function askedOf(places: readonly number[]): ReadonlyMap<number, readonly AskedPlace[]> {
  const asked = new Map<number, AskedPlace[]>();
  for (let slices = 1; slices <= MOST_SLICES; slices *= 2)
    for (const [i, place] of places.entries()) {
      const slot = slotOf(place, slices);
      asked.set(slot, [...(asked.get(slot) ?? []), { place, sign: 1 << i }]);
    }
  return asked;
}

interface FoundSet {
  readonly start: number;
  readonly last: number;
  readonly slices: number;
  /** Signs of the places it has. */
  found: number;
}

/** Puts together what the slices of each set say. Sets of one size and the same times count as one, which has what one of them has. */
class Sets {
  readonly #all: number;
  readonly #byStart = new Map<number, FoundSet[]>();

  constructor(all: number) {
    this.#all = all;
  }

  add(slot: number, start: number, last: number, found: number): void {
    const slices = slot === ANYTHING ? 0 : slicesOf(slot);
    const signs = slot === ANYTHING ? this.#all : found;
    const sets = this.#byStart.get(start);
    const known = sets?.find((set) => set.last === last && set.slices === slices);
    if (known !== undefined) known.found |= signs;
    else if (sets !== undefined) sets.push({ start, last, slices, found: signs });
    else this.#byStart.set(start, [{ start, last, slices, found: signs }]);
  }

  /** Those that have all places. */
  whole(): FoundSet[] {
    return [...this.#byStart.values()].flat().filter(({ found }) => found === this.#all);
  }
}

/** Windows in order that hold all of these and overlap nowhere: few, with the widest gaps between them. */
export function joined(windows: readonly TimeWindow[]): readonly TimeWindow[] {
  const apart: { from: bigint; to: bigint }[] = [];
  for (const { from, to } of [...windows].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = apart.at(-1);
    if (last === undefined || from > last.to) apart.push({ from, to });
    else if (to > last.to) last.to = to;
  }
  if (apart.length <= MOST_WINDOWS) return apart;
  const gapBefore = (i: number): bigint => (apart[i]?.from ?? 0n) - (apart[i - 1]?.to ?? 0n);
  const widest = apart
    .map((_, i) => i)
    .slice(1)
    .sort((a, b) => (gapBefore(a) > gapBefore(b) ? -1 : 1));
  const begins = new Set([0, ...widest.slice(0, MOST_WINDOWS - 1)]);
  const few: { from: bigint; to: bigint }[] = [];
  for (const [i, window] of apart.entries()) {
    const last = few.at(-1);
    if (last === undefined || begins.has(i)) few.push({ ...window });
    else last.to = window.to;
  }
  return few;
}
