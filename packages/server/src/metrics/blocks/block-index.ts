import { Labels } from '@pharos/promql';
import { checkedSection, DecodeBuffer, malformed } from './decbuf.ts';

/** Where a chunk lies: the segment file's number (from 0), and the offset in it. */
export interface ChunkRef {
  readonly segment: number;
  readonly offset: number;
}

export interface BlockSeries {
  /** The series' number in the index, by which tombstones name it. */
  readonly ref: number;
  readonly labels: Labels;
  readonly chunks: readonly ChunkRef[];
}

const MAGIC = 0xbaaad700;
const TOC_BYTES = 6 * 8 + 4;
/** Series of version 2 begin at multiples of this, and are named by the quotient. */
const SERIES_ALIGNMENT = 16;
const TWO_32 = 2 ** 32;

/** The series of an index file of version 1 or 2, in the order of its list of all postings (TSDB's documentation, "Index disk format"). */
export function* readIndex(bytes: Uint8Array): Generator<BlockSeries> {
  const head = new DecodeBuffer(bytes);
  if (head.be32() !== MAGIC) throw malformed('the index does not begin as one');
  const version = head.byte();
  if (version !== 1 && version !== 2) throw malformed(`the index has version ${version}, expected 1 or 2`);
  const toc = new DecodeBuffer(bytes, bytes.length - TOC_BYTES);
  const symbolsAt = toc.be64();
  toc.range(4 * 8);
  const postingsTableAt = toc.be64();
  const symbols = readSymbols(bytes, symbolsAt, version);
  for (const ref of readAllPostings(bytes, postingsTableAt)) {
    const offset = version === 1 ? ref : ref * SERIES_ALIGNMENT;
    yield readSeries(checkedSection(bytes, offset, 'uvarint'), ref, symbols);
  }
}

/** Version 2 names a symbol by its number, version 1 by its place in the file. */
function readSymbols(bytes: Uint8Array, offset: number, version: number): ReadonlyMap<number, string> {
  const section = checkedSection(bytes, offset, 'be32');
  const count = section.be32();
  const symbols = new Map<number, string>();
  for (let i = 0; i < count; i++) {
    const at = section.at;
    symbols.set(version === 1 ? at : i, section.text());
  }
  return symbols;
}

/** The refs under the entry without name and value, which lists every series. */
function* readAllPostings(bytes: Uint8Array, tableAt: number): Generator<number> {
  const table = checkedSection(bytes, tableAt, 'be32');
  for (let left = table.be32(); left > 0; left--) {
    if (table.uvarint() !== 2) throw malformed('an entry of the postings table has not two keys');
    const name = table.text();
    const value = table.text();
    const offset = table.uvarint();
    if (name !== '' || value !== '') continue;
    const postings = checkedSection(bytes, offset, 'be32');
    for (let count = postings.be32(); count > 0; count--) yield postings.be32();
    return;
  }
  throw malformed('the index has no list of all series');
}

function readSeries(section: DecodeBuffer, ref: number, symbols: ReadonlyMap<number, string>): BlockSeries {
  const symbol = (): string => {
    const number = section.uvarint();
    const text = symbols.get(number);
    if (text === undefined) throw malformed(`series ${ref} names symbol ${number}, which is not there`);
    return text;
  };
  const pairs: [string, string][] = [];
  for (let left = section.uvarint(); left > 0; left--) pairs.push([symbol(), symbol()]);
  const chunks: ChunkRef[] = [];
  let place = 0;
  for (let i = 0, count = section.uvarint(); i < count; i++) {
    // The first chunk's times and place are whole, those that follow differences; only the places matter here.
    if (i === 0) {
      section.varint();
      section.uvarint();
      place = section.uvarint();
    } else {
      section.uvarint();
      section.uvarint();
      place += section.varint();
    }
    chunks.push({ segment: Math.floor(place / TWO_32), offset: place % TWO_32 });
  }
  return { ref, labels: Labels.fromPairs(pairs), chunks };
}
