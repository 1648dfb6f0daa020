import { type Engine, inList, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { logSignaturesTable } from '../tables.ts';
import { type Gram, gramsOf, MOST_WORDS } from './grams.ts';
import { nanosTime } from './nanos-time.ts';
import { HEAD, LEAST_BESIDE, ROW_WORDS, readHead, type Span, slotOf } from './signature-rows.ts';
import type { TimeWindow } from './stream-catalogue.ts';
import type { SoughtText } from './texts.ts';

const DAY = 86_400_000_000_000n;
/** Of all texts so many grams are looked up: each leaves out two thirds of the lines that do not hold them, or more. */
const MOST_GRAMS = 9;

export interface SignatureQuery {
  readonly tenant: string;
  readonly window: TimeWindow;
  readonly texts: readonly SoughtText[];
}

/** The times of the signatures whose lines may hold all texts, in any order and beyond the window too. */
export async function signaturesWith(
  engine: Pick<Engine, 'query'>,
  { tenant, window: { from, to }, texts }: SignatureQuery,
  signal: AbortSignal | undefined,
): Promise<readonly Span[]> {
  const grams = someOf(texts.flatMap(gramsOf));
  const wanted = masksBySlot(grams);
  // A group is of lines of one day. Its rows are put together here: as groups of the engine they would take longer.
  const block = await engine.query(
    sql`SELECT slot, ts, words FROM ${table(logSignaturesTable)}
      WHERE tenant = ${tenantHole} AND indexHint(ts >= ${nanosTime((from / DAY) * DAY)} AND ts < ${nanosTime(to)})
        AND slot IN ${inList([HEAD, ...wanted.keys()])}`,
    { purpose: 'logs.grams', tenant, limits: 'point', ...(signal === undefined ? {} : { signal }) },
  );
  const { offsets, items } = block.array('words');
  if (items.kind !== 'uint32') return [];
  const [slots, times] = [block.numbers('slot'), block.bigints('ts')];
  const wordsOf = (row: number): Uint32Array =>
    items.data.subarray(row === 0 ? 0 : offsets[row - 1], offsets[row]);
  const found = new FoundSignatures(grams);
  for (let row = 0; row < block.rows; row++)
    if (slots[row] === HEAD) found.addHead(Number(times[row] ?? 0n), wordsOf(row));
  for (let row = 0; row < block.rows; row++) {
    const slot = slots[row] ?? HEAD;
    if (slot !== HEAD) found.look(Number(times[row] ?? 0n), slot, wordsOf(row), wanted.get(slot));
  }
  return found.spans();
}

/** From all over the texts: their beginnings may be in every line. */
function someOf(grams: readonly Gram[]): readonly Gram[] {
  if (grams.length <= MOST_GRAMS) return grams;
  return Array.from(
    { length: MOST_GRAMS },
    (_, i) => grams[Math.floor((i * grams.length) / MOST_GRAMS)],
  ).filter((gram) => gram !== undefined);
}

/** By slot, the bits that a signature has in the words there, for signatures of all sizes. */
function masksBySlot(grams: readonly Gram[]): ReadonlyMap<number, Uint32Array> {
  const wanted = new Map<number, Uint32Array>();
  for (let size = LEAST_BESIDE; size <= MOST_WORDS; size *= 2)
    for (const { word, mask } of grams) {
      const slot = slotOf(word, size);
      const masks = wanted.get(slot) ?? new Uint32Array(ROW_WORDS);
      masks[word % ROW_WORDS] |= mask;
      wanted.set(slot, masks);
    }
  return wanted;
}

/** Signatures side by side. */
interface Group {
  readonly size: number;
  readonly all: readonly Span[];
  /** Which have all bits that were looked at. */
  readonly having: Uint8Array;
  /** The words of its head, to know it again. */
  readonly head: Uint32Array;
}

/** Puts together heads and rows. */
class FoundSignatures {
  readonly #grams: readonly Gram[];
  readonly #groups = new Map<number, Group>();
  readonly #spans: Span[] = [];

  constructor(grams: readonly Gram[]) {
    this.#grams = grams;
  }

  addHead(time: number, words: Uint32Array): void {
    const head = readHead(time, words, this.#grams);
    if ('spans' in head) {
      for (const span of head.spans) this.#spans.push(span);
      return;
    }
    const known = this.#groups.get(time);
    if (known === undefined)
      this.#groups.set(time, { ...head, having: new Uint8Array(head.all.length).fill(1), head: words });
    // Of an insert that was repeated the rows are there twice. Those of two groups of one time cannot be told apart: all of them may hold the texts.
    else if (!isSame(known.head, words))
      for (const span of [...known.all, ...head.all]) this.#spans.push(span);
  }

  look(time: number, slot: number, words: Uint32Array, masks: Uint32Array | undefined): void {
    const group = this.#groups.get(time);
    const first = slotOf(0, group?.size ?? 0);
    if (group === undefined || masks === undefined || slot < first || slot >= first * 2) return;
    for (const [word, mask] of masks.entries()) if (mask !== 0) keepThose(group.having, words, word, mask);
  }

  spans(): readonly Span[] {
    for (const { all, having } of this.#groups.values())
      for (const [at, span] of all.entries()) if (having[at] === 1) this.#spans.push(span);
    return this.#spans;
  }
}

/** Those whose word of a row has all bits of a mask. */
function keepThose(having: Uint8Array, words: Uint32Array, word: number, mask: number): void {
  for (let which = 0; which < having.length; which++)
    if ((~words[which * ROW_WORDS + word] & mask) !== 0) having[which] = 0;
}

function isSame(one: Uint32Array, other: Uint32Array): boolean {
  return one.length === other.length && one.every((word, at) => word === other[at]);
}
