import { PendingRows } from '../../journal/index.ts';
import type { LineChunk } from './chunk.ts';

/** Bytes of the columns beside a row's payload. */
const COLUMN_BYTES = 33;

/** The acknowledged lines that are not in the engine yet, so that a search sees them at once. */
export class PendingLines extends PendingRows<LineChunk> {
  constructor() {
    super(COLUMN_BYTES);
  }

  /** The streams that lines wait for, as `low high`. */
  streamKeys(): Set<string> {
    const keys = new Set<string>();
    for (const chunk of this.all())
      for (let at = 0; at < chunk.streams.length; at += 2)
        keys.add(`${chunk.streams[at]} ${chunk.streams[at + 1]}`);
    return keys;
  }
}
