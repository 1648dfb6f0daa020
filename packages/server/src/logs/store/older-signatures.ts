import {
  acrossTenants,
  type Engine,
  inList,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { logGramsTable } from '../tables.ts';
import { nanosTime } from './nanos-time.ts';
import {
  byteOf,
  LATER_SLOTS,
  MOST_SLICES,
  maskOf,
  OLDEST,
  olderBits,
  SLICE_BYTES,
  slotOf,
} from './older-grams.ts';
import type { Span } from './signature-rows.ts';
import type { SignatureQuery } from './signatures.ts';

/** Of a text's bits so many are looked up: each leaves out two thirds of the lines that do not hold the text, or more. */
const MOST_BITS = 8;
const HOUR = 3_600_000_000_000n;
const DAY = 24n * HOUR;
/** The slot of a signature that has every bit, of lines that were stored before there were signatures (tables.ts). */
const ANYTHING = 0;
/** Of so long a time the slices themselves come: few as they are, looking at them there takes longer to plan than they take to read here. */
const SHORT = 6n * HOUR;

/** The times of the signatures of earlier kinds whose lines may hold all texts, in any order and beyond the window too. */
export async function olderSignaturesWith(
  engine: Pick<Engine, 'query'>,
  query: SignatureQuery,
  signal: AbortSignal | undefined,
): Promise<readonly Span[]> {
  return (await areThere(engine)) ? lookUp(engine, query, signal) : [];
}

/** Engines without any: none are written, so that there will be none. */
const without = new WeakSet<object>();

async function areThere(engine: Pick<Engine, 'query'>): Promise<boolean> {
  if (without.has(engine)) return false;
  const { rows } = await engine.query(
    sql`SELECT 1 AS one FROM ${table(logGramsTable)} ${acrossTenants} LIMIT 1`,
    {
      purpose: 'logs.older_grams',
      tenant: '',
    },
  );
  if (rows === 0) without.add(engine);
  return rows > 0;
}

async function lookUp(
  engine: Pick<Engine, 'query'>,
  { tenant, window: { from, to }, texts }: SignatureQuery,
  signal: AbortSignal | undefined,
): Promise<readonly Span[]> {
  const wanted = bitsBySlot(someOf(texts.flatMap(olderBits)));
  const slots = [...wanted.keys()];
  const isShort = to - from <= SHORT;
  const inSlots = sql`slot IN ${inList(slots)}`;
  // A signature is of lines of one day. Its slices are put together here: as groups of the engine they would take longer.
  const block = await engine.query(
    sql`SELECT ${isShort ? sql`slot, ts, until, bits` : sql`slot, ts, until`}
      FROM ${table(logGramsTable)}
      WHERE tenant = ${tenantHole} AND indexHint(ts >= ${nanosTime((from / DAY) * DAY)} AND ts < ${nanosTime(to)})
        AND ${isShort ? inSlots : sql`${inSlots} AND ${hasBits(wanted)}`}`,
    { purpose: 'logs.older_grams', tenant, ...(signal === undefined ? {} : { signal }) },
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
  return found.whole();
}

/** Of each kind from all over the text: its beginning may be in every line. */
function someOf(bits: readonly number[]): readonly number[] {
  return kindsOf([...new Set(bits)]).flatMap((all) =>
    all.length <= MOST_BITS
      ? all
      : Array.from({ length: MOST_BITS }, (_, i) => all[Math.floor((i * all.length) / MOST_BITS)] ?? 0),
  );
}

/** Bits of the later kind of signature, and of the earliest. */
function kindsOf(bits: readonly number[]): readonly [readonly number[], readonly number[]] {
  return [bits.filter((bit) => bit < OLDEST), bits.filter((bit) => bit >= OLDEST)];
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
      [kindsOf(bits)[1], OLDEST],
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
  const before = slot > LATER_SLOTS ? LATER_SLOTS : 0;
  return before + 2 ** (31 - Math.clz32(slot - before));
}
