import type { Position } from '../../journal/index.ts';
import type { LineChunk } from './chunk.ts';

interface Held {
  readonly chunk: LineChunk;
  readonly position: Position;
}

/** Bytes of the columns beside a row's payload. */
const COLUMN_BYTES = 32;

function bytesOf({ payload, rows }: LineChunk): number {
  return payload.length + rows * COLUMN_BYTES;
}

/** The acknowledged lines that are not in the engine yet, so that a search sees them at once. */
export class PendingLines {
  #held: Held[] = [];
  #bytes = 0;
  #rows = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get rows(): number {
    return this.#rows;
  }

  add(chunk: LineChunk, position: Position): void {
    this.#held.push({ chunk, position });
    this.#bytes += bytesOf(chunk);
    this.#rows += chunk.rows;
  }

  /** Lets go of what the engine has. */
  flushed(upTo: Position): void {
    const left = this.#held.filter(({ position }) => position > upTo);
    if (left.length === this.#held.length) return;
    this.#held = left;
    this.#bytes = left.reduce((sum, { chunk }) => sum + bytesOf(chunk), 0);
    this.#rows = left.reduce((sum, { chunk }) => sum + chunk.rows, 0);
  }

  /** The chunks of a tenant as they are now; later changes do not touch the answer. */
  of(tenant: string): readonly LineChunk[] {
    return this.#held.filter(({ chunk }) => chunk.tenant === tenant).map(({ chunk }) => chunk);
  }

  /** The streams that lines wait for, as `low high`. */
  streamKeys(): Set<string> {
    const keys = new Set<string>();
    for (const { chunk } of this.#held)
      for (let at = 0; at < chunk.streams.length; at += 2)
        keys.add(`${chunk.streams[at]} ${chunk.streams[at + 1]}`);
    return keys;
  }
}
