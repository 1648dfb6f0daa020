import { type RowBinaryRows, RowBinaryWriter } from '../../engine/index.ts';
import { type Gram, hasGrams, type Signature } from './grams.ts';

/*
 * How signatures (grams.ts) lie in the rows of their table. Those of an insert lie side by side, so that a search reads one short row where
 * it would have read one of each:
 *
 *   slot 0               a head: [kind, from, to, …], times in milliseconds after the row's own, which is not after its first line
 *                        kind 3 to 5: one signature of 2^kind words, which follow        [kind, from, to, word, …]
 *                        kind 6 to 14: signatures of 2^kind words in rows of their own   [kind, sum, from, to, from, to, …]
 *                        kind 255: nothing is known of the lines, every text may be in them
 *   slot 2^kind / 4 + n  from the 4n-th on four words of each signature of a head, in its order; their time is the head's
 *
 * These numbers are part of what is stored.
 */
export const HEAD = 0;
/** Words of a signature in a row. */
export const ROW_WORDS = 4;
/** Signatures of fewer words stand in their head. */
export const LEAST_BESIDE = 64;
const ANYTHING = 255;
/** Signatures side by side at most. */
const MOST_BESIDE = 64;
/** One smaller signature among so many larger ones takes their size: a search reads one size less. */
const SHARE = 4;
/** What has been written goes in before it is so much. */
const MOST_BYTES = 4 * 1024 * 1024;
const DAY = 86_400_000_000;
/** Groups are told apart by their time, which is so many microseconds too early at most: many begin together where lines are written down by the second. */
const APART = 0xffff;

/** Lines that a signature tells of. Times in microseconds, the last one inclusive. */
interface Told {
  readonly words: Uint32Array;
  readonly from: number;
  readonly to: number;
}

/** Makes the rows of signatures. */
export class SignatureRows {
  readonly #writer = new RowBinaryWriter();
  readonly #waiting: Told[] = [];
  readonly #tenant: string;

  constructor(tenant: string) {
    this.#tenant = tenant;
  }

  add({ words }: Signature, from: number, to: number): void {
    this.#waiting.push({ words, from, to });
  }

  /** The rows of all that were added, in pieces; null where other work may go on. */
  *rows(): Generator<RowBinaryRows | null, void> {
    for (const { size, signatures } of groupsOf(this.#waiting)) {
      if (size < LEAST_BESIDE) for (const one of signatures) this.#small(one);
      else {
        this.#group(size, signatures);
        yield null;
      }
      if (this.#writer.size >= MOST_BYTES) yield this.#writer.take();
    }
    if (this.#writer.rows > 0) yield this.#writer.take();
  }

  #small({ words, from, to }: Told): void {
    this.#row(from, HEAD, Uint32Array.of(Math.log2(words.length), 0, millisecondsAfter(from, to), ...words));
  }

  #group(size: number, signatures: readonly Told[]): void {
    const sum = sumOf(signatures);
    const time = timeOf(signatures, sum);
    const times = signatures.flatMap(({ from, to }) => [
      millisecondsAfter(time, from),
      millisecondsAfter(time, to),
    ]);
    this.#row(time, HEAD, Uint32Array.of(Math.log2(size), sum, ...times));
    const row = new Uint32Array(signatures.length * ROW_WORDS);
    for (let first = 0; first < size; first += ROW_WORDS) {
      for (const [which, { words }] of signatures.entries())
        for (let at = 0; at < ROW_WORDS; at++)
          row[which * ROW_WORDS + at] = words[(first + at) & (words.length - 1)];
      this.#row(time, slotOf(first, size), row);
    }
  }

  #row(time: number, slot: number, words: Uint32Array): void {
    const writer = this.#writer;
    writer.string(this.#tenant);
    writer.int64(time);
    writer.uint16(slot);
    writer.varUint(words.length);
    writer.fixed(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
    writer.endRow();
  }
}

/** The slot of the row that has a word of signatures of a size. */
export function slotOf(word: number, size: number): number {
  return Math.floor((size + (word & (size - 1))) / ROW_WORDS);
}

function millisecondsAfter(begin: number, time: number): number {
  return Math.floor((time - begin) / 1000);
}

interface Group {
  readonly size: number;
  readonly signatures: readonly Told[];
}

/** Signatures of one size together, few smaller ones among larger ones. */
function groupsOf(all: readonly Told[]): readonly Group[] {
  const groups: Group[] = [];
  let smaller: readonly Told[] = [];
  const sizes = [...new Set(all.map(({ words }) => words.length))].sort((a, b) => a - b);
  for (const size of sizes) {
    const own = [...smaller, ...all.filter(({ words }) => words.length === size)];
    const larger = all.filter(({ words }) => words.length > size).length;
    const isFew = own.length * SHARE <= larger;
    smaller = isFew ? own : [];
    if (isFew) continue;
    for (let first = 0; first < own.length; first += MOST_BESIDE)
      groups.push({ size, signatures: own.slice(first, first + MOST_BESIDE) });
  }
  return groups;
}

/** Of its day, not after the first line, and hardly that of another group. */
function timeOf(signatures: readonly Told[], sum: number): number {
  const from = signatures.reduce((least, one) => Math.min(least, one.from), Number.POSITIVE_INFINITY);
  return Math.max(from - (from % DAY), from - (sum & APART));
}

/** A number that two groups hardly share. */
function sumOf(signatures: readonly Told[]): number {
  let sum = 0;
  for (const { words } of signatures)
    for (const word of words) sum = Math.imul(sum ^ word, 0x9e3779b1) ^ (sum >>> 15);
  return sum >>> 0;
}

/** Whole microseconds since the epoch, both inclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a head tells: times that may hold the grams at once, or signatures whose rows do. */
export type Head = { readonly spans: readonly Span[] } | { readonly size: number; readonly all: Span[] };

export function readHead(time: number, words: Uint32Array, grams: readonly Gram[]): Head {
  const kind = words[0] ?? ANYTHING;
  const size = 2 ** kind;
  const spanAt = (at: number): Span => ({
    from: time + (words[at] ?? 0) * 1000,
    to: time + (words[at + 1] ?? 0) * 1000 + 999,
  });
  if (kind === ANYTHING) return { spans: [spanAt(1)] };
  if (size < LEAST_BESIDE) return { spans: hasGrams(words, 3, size, grams) ? [spanAt(1)] : [] };
  return { size, all: Array.from({ length: (words.length - 2) / 2 }, (_, which) => spanAt(2 + which * 2)) };
}
