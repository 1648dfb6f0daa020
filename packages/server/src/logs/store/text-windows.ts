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
import { byteOf, MOST_SLICES, maskOf, NEWER_SLOTS, OLDER, SLICE_BYTES, slotOf } from './grams.ts';
import { NEVER } from './line-conditions.ts';
import { nanosTime } from './nanos-time.ts';
import type { TimeWindow } from './stream-catalogue.ts';

/** Of a text's bits so many are looked up: each leaves out two thirds of the lines that do not hold the text, or more. */
const MOST_BITS = 8;
/** Ranges of time in one statement at most: each takes as long to plan as some hundred buckets. */
const MOST_RANGES = 6;
/** Buckets of time in one statement at most. */
const MOST_BUCKETS = 1000;
/** Shortest window that is looked up in two when its answer is too long for one, in nanoseconds. */
const SHORTEST = 60n * 1_000_000_000n;
const HOUR = 3_600_000_000_000n;
const DAY = 24n * HOUR;
/** The slot of a signature that has every bit, of lines that were stored before there were signatures (tables.ts). */
const ANYTHING = 0;
/** Signatures are looked up for so long a time first: most searches end there. */
const FIRST_PART = 3n * HOUR;
/** Each part of the time is so much longer than the one before: a month takes five. */
const PART_GROWTH = 4n;

interface TextQuery {
  readonly tenant: string;
  readonly window: TimeWindow;
  /** Of `textBits` and `wordBits` (grams.ts): a line is looked for whose signature has all of them. */
  readonly bits: readonly number[];
}

/** A part of a search's time, with conditions on the time of what may be found in it. */
export interface TextPart {
  readonly window: TimeWindow;
  /** None where nothing can be told; {@link NEVER} where nothing is there. */
  readonly times: readonly Sql[];
}

/**
 * A search's time in parts, the first to be read first; signatures are looked up as each part is asked for. To be asked after memory was
 * looked at: a line flushed since then is in what memory said.
 */
export async function* textParts(
  engine: Pick<Engine, 'query'>,
  query: TextQuery & { readonly backward: boolean },
  signal?: AbortSignal,
): AsyncGenerator<TextPart> {
  const { bits, window, backward } = query;
  if (bits.length === 0) {
    yield { window, times: [] };
    return;
  }
  let { from, to } = window;
  for (let length = FIRST_PART; from < to; length *= PART_GROWTH) {
    // What would be left over is not worth a statement of its own.
    const isLast = to - from <= length + length / PART_GROWTH;
    const part = isLast ? { from, to } : backward ? { from: to - length, to } : { from, to: from + length };
    yield { window: part, times: await timesOfTexts(engine, { ...query, window: part }, signal) };
    if (isLast) return;
    if (backward) to = part.from;
    else from = part.to;
  }
}

/** The conditions for a whole window at once. */
export async function timesOfTexts(
  engine: Pick<Engine, 'query'>,
  query: TextQuery,
  signal?: AbortSignal,
): Promise<readonly Sql[]> {
  if (query.bits.length === 0) return [];
  const spans = await textSpans(engine, query, signal);
  return [spans.length === 0 ? NEVER : inSpans(spans)];
}

/** A condition that holds for lines of these spans, which are in order and apart. */
export function inSpans(spans: readonly Span[]): Sql {
  if (spans.length <= MOST_RANGES)
    return sql`(${join(
      spans.map(({ from, to }) => sql`ts >= ${microsTime(from)} AND ts < ${microsTime(to + 1)}`),
      ' OR ',
    )})`;
  const { seconds, numbers } = bucketsOf(spans);
  const isIn = sql`intDiv(toUnixTimestamp64Second(ts), ${seconds}) IN ${inList(numbers)}`;
  // For the index alone: looking for the text in a few lines more costs less than the division for each.
  return sql`indexHint(${isIn})`;
}

function microsTime(time: number): Sql {
  return nanosTime(BigInt(time) * 1000n);
}

/** Whole microseconds since the epoch, both inclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The times of every line of a search for at least one bit, in order and apart. */
export async function textSpans(
  engine: Pick<Engine, 'query'>,
  query: TextQuery,
  signal?: AbortSignal,
): Promise<readonly Span[]> {
  const spans = await spansOf(engine, { ...query, bits: someOf(query.bits) }, signal);
  const apart: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = apart.at(-1);
    if (last === undefined || from > last.to + 1) apart.push({ from, to });
    else if (to > last.to) last.to = to;
  }
  return apart;
}

/** Of each kind from all over the text: its beginning may be in every line. */
function someOf(bits: readonly number[]): readonly number[] {
  return kindsOf([...new Set(bits)]).flatMap((all) =>
    all.length <= MOST_BITS
      ? all
      : Array.from({ length: MOST_BITS }, (_, i) => all[Math.floor((i * all.length) / MOST_BITS)] ?? 0),
  );
}

/** Bits of the newer kind of signature, and of the older. */
function kindsOf(bits: readonly number[]): readonly [readonly number[], readonly number[]] {
  return [bits.filter((bit) => bit < OLDER), bits.filter((bit) => bit >= OLDER)];
}

/** Times as whole numbers of so many seconds since the epoch. */
interface TimeBuckets {
  readonly seconds: number;
  /** Ascending. */
  readonly numbers: readonly number[];
}

/** Of spans in order, in the narrowest buckets that are few enough. */
export function bucketsOf(spans: readonly Span[]): TimeBuckets {
  for (let seconds = 1; ; seconds *= 2) {
    const numbers: number[] = [];
    const width = seconds * 1_000_000;
    for (const { from, to } of spans) {
      const first = Math.max(Math.floor(from / width), (numbers.at(-1) ?? -1) + 1);
      for (let at = first; at * width <= to && numbers.length <= MOST_BUCKETS; at++) numbers.push(at);
    }
    if (numbers.length <= MOST_BUCKETS) return { seconds, numbers };
  }
}

/** The times of the signatures that have all bits; in halves where one answer does not fit the engine's limits. */
async function spansOf(
  engine: Pick<Engine, 'query'>,
  query: TextQuery,
  signal: AbortSignal | undefined,
): Promise<readonly Span[]> {
  const { window } = query;
  try {
    return await lookUp(engine, query, signal);
  } catch (error) {
    if (!engineErrors.is(error, 'resource') || window.to - window.from < SHORTEST) throw error;
    const middle = (window.from + window.to) / 2n;
    const first = await spansOf(engine, { ...query, window: { from: window.from, to: middle } }, signal);
    const second = await spansOf(engine, { ...query, window: { from: middle, to: window.to } }, signal);
    return [...first, ...second];
  }
}

async function lookUp(
  engine: Pick<Engine, 'query'>,
  { tenant, window: { from, to }, bits }: TextQuery,
  signal: AbortSignal | undefined,
): Promise<readonly Span[]> {
  if (from >= to) return [];
  const wanted = bitsBySlot(bits);
  const slots = [...wanted.keys()];
  // Of a short time the slices themselves come: few as they are, looking at them there takes longer to plan than they take to read here.
  const isShort = to - from <= 2n * FIRST_PART;
  const inSlots = sql`slot IN ${inList(slots)}`;
  // A signature is of lines of one day. Its slices are put together here: as groups of the engine they would take longer.
  const block = await engine.query(
    sql`SELECT ${isShort ? sql`slot, ts, until, bits` : sql`slot, ts, until`}
      FROM ${table(logGramsTable)}
      WHERE tenant = ${tenantHole} AND indexHint(ts >= ${nanosTime((from / DAY) * DAY)} AND ts < ${nanosTime(to)})
        AND ${isShort ? inSlots : sql`${inSlots} AND ${hasBits(wanted)}`}`,
    { purpose: 'logs.grams', tenant, ...(signal === undefined ? {} : { signal }) },
  );
  if (block.rows === 0) return [];
  const found = new FoundSignatures(slots);
  const [rows, starts, lasts] = [block.numbers('slot'), block.bigints('ts'), block.bigints('until')];
  const slices = isShort ? block.column('bits') : undefined;
  const places = new Map(
    Array.from(wanted, ([slot, of]) => [slot, of.map((bit) => [byteOf(bit), maskOf(bit)] as const)]),
  );
  for (let row = 0; row < block.rows; row++) {
    const slot = rows[row] ?? 0;
    if (slices?.kind === 'bytes' && !sliceHas(slices.data, row * SLICE_BYTES, places.get(slot) ?? []))
      continue;
    // Two thirds of the rows have gone by now: what is left of their times is worth a number.
    found.add(slot, Number(starts[row] ?? 0n), Number(lasts[row] ?? 0n));
  }
  const [first, end] = [Number(from / 1000n), Number((to - 1n) / 1000n)];
  return found
    .whole()
    .map((span) => ({ from: Math.max(span.from, first), to: Math.min(span.to, end) }))
    .filter((span) => span.from <= span.to);
}

type SlotBits = ReadonlyMap<number, readonly number[]>;

/** Whether a slice has the bits of its slot. */
function hasBits(wanted: SlotBits): Sql {
  const masks = Array.from(wanted.values(), (bits) => {
    const mask = Buffer.alloc(SLICE_BYTES);
    for (const bit of bits) mask[byteOf(bit)] |= maskOf(bit);
    return mask.toString('hex');
  });
  return sql`bitAnd(bits, toFixedString(unhex(transform(slot, ${[...wanted.keys()]}, ${masks}, '')), ${SLICE_BYTES}) AS mask) = mask`;
}

/** The same of a slice that begins at `start`; each bit as its byte and mask. */
function sliceHas(bytes: Uint8Array, start: number, bits: readonly (readonly [number, number])[]): boolean {
  for (const [byte, mask] of bits) if ((bytes[start + byte] & mask) === 0) return false;
  return true;
}

/**
 * By slot, the bits that its slice must have, for signatures of all sizes. Of a kind that has no bits of the text the first slice of each
 * signature is looked up: that it is there is all that can be told.
 */
function bitsBySlot(bits: readonly number[]): SlotBits {
  const wanted = new Map<number, number[]>([[ANYTHING, []]]);
  for (let slices = 1; slices <= MOST_SLICES; slices *= 2)
    for (const [own, first] of [
      [kindsOf(bits)[0], 0],
      [kindsOf(bits)[1], OLDER],
    ] as const) {
      if (own.length === 0) wanted.set(slotOf(first, slices), []);
      for (const bit of own) {
        const slot = slotOf(bit, slices);
        wanted.set(slot, [...(wanted.get(slot) ?? []), bit]);
      }
    }
  return wanted;
}

interface FoundSignature extends Span {
  /** Tells kind and size. */
  readonly shape: number;
  /** Slots whose slices have their bits. */
  readonly slots: Set<number>;
}

/** Puts together the slices that have their bits. Signatures of one shape and the same times count as one, which has what one of them has. */
class FoundSignatures {
  /** By shape, how many slots there are. */
  readonly #wanted = new Map<number, number>();
  readonly #byStart = new Map<number, FoundSignature[]>();

  constructor(slots: readonly number[]) {
    for (const slot of slots) this.#wanted.set(shapeOf(slot), (this.#wanted.get(shapeOf(slot)) ?? 0) + 1);
  }

  add(slot: number, from: number, to: number): void {
    const shape = shapeOf(slot);
    const signatures = this.#byStart.get(from);
    const known = signatures?.find((one) => one.to === to && one.shape === shape);
    if (known !== undefined) known.slots.add(slot);
    else if (signatures !== undefined) signatures.push({ from, to, shape, slots: new Set([slot]) });
    else this.#byStart.set(from, [{ from, to, shape, slots: new Set([slot]) }]);
  }

  /** Those that have all bits. */
  whole(): readonly Span[] {
    return [...this.#byStart.values()]
      .flat()
      .filter(({ shape, slots }) => slots.size === this.#wanted.get(shape));
  }
}

/** Of the signature that a slot is of: the first of its slots. */
function shapeOf(slot: number): number {
  if (slot === ANYTHING) return ANYTHING;
  const before = slot > NEWER_SLOTS ? NEWER_SLOTS : 0;
  return before + 2 ** (31 - Math.clz32(slot - before));
}
