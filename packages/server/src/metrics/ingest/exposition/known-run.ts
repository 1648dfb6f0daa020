import { BYTE, sameText } from './bytes.ts';
import { FloatReader } from './float.ts';

/** Series that were read before, each an entry with its raw bytes, and which one followed which. */
export interface KnownSeries {
  readonly arenaView: DataView;
  /** Offset and length of an entry's raw bytes. */
  readonly at: Uint32Array;
  readonly length: Uint32Array;
  /** The entry that should come next; -1 when nothing says. */
  predicted(): number;
  /** The one that should follow an entry; -1 when nothing says. */
  nextOf(entry: number): number;
}

/** A body with a newline behind its last byte, and where to read on. */
interface Lines {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly length: number;
  readonly at: number;
}

/**
 * Samples of lines in a row that begin with the series expected and hold nothing more than a space and a value: all of a usual
 * body but its metadata. Used again for every run.
 */
export class KnownRun {
  readonly entries: Uint32Array;
  readonly values: Float64Array;
  /** How many were read. */
  count = 0;
  readonly #floats = new FloatReader();

  constructor(capacity: number) {
    this.entries = new Uint32Array(capacity);
    this.values = new Float64Array(capacity);
  }

  get capacity(): number {
    return this.entries.length;
  }

  /** Reads lines as long as they are such ones; answers where the first one begins that is not. */
  read({ bytes, view, length, at: from }: Lines, known: KnownSeries): number {
    const { entries, values } = this;
    const floats = this.#floats;
    const { arenaView, at: starts, length: lengths } = known;
    let at = from;
    let count = 0;
    for (let entry = known.predicted(); entry >= 0 && count < entries.length; entry = known.nextOf(entry)) {
      const end = at + lengths[entry];
      if (end >= length || bytes[end] !== BYTE.SPACE) break;
      if (!sameText(view, at, arenaView, starts[entry], lengths[entry])) break;
      const stop = floats.read(bytes, end + 1);
      if (stop < 0 || bytes[stop] !== BYTE.NEWLINE) break;
      entries[count] = entry;
      values[count++] = floats.value;
      at = stop + 1;
    }
    this.count = count;
    return at;
  }
}
