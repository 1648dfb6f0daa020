import type { Position } from './types.ts';

/** Rows of one tenant that a slice holds beside the journal. */
interface HeldRows {
  readonly tenant: string;
  readonly rows: number;
  readonly payload: Uint8Array;
}

/** The acknowledged rows that are not in the engine yet, so that a query sees them at once. */
export class PendingRows<Chunk extends HeldRows> {
  readonly #columnBytes: number;
  #held: { readonly chunk: Chunk; readonly position: Position }[] = [];
  #bytes = 0;
  #rows = 0;

  /** @param columnBytes memory a row takes beside its payload. */
  constructor(columnBytes: number) {
    this.#columnBytes = columnBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get rows(): number {
    return this.#rows;
  }

  add(chunk: Chunk, position: Position): void {
    this.#held.push({ chunk, position });
    this.#bytes += this.#bytesOf(chunk);
    this.#rows += chunk.rows;
  }

  /** Lets go of what the engine has, and hands it out, oldest first. */
  flushed(upTo: Position): readonly Chunk[] {
    const left = this.#held.filter(({ position }) => position > upTo);
    if (left.length === this.#held.length) return [];
    const gone = this.#held.filter(({ position }) => position <= upTo).map(({ chunk }) => chunk);
    this.#held = left;
    this.#bytes = left.reduce((sum, { chunk }) => sum + this.#bytesOf(chunk), 0);
    this.#rows = left.reduce((sum, { chunk }) => sum + chunk.rows, 0);
    return gone;
  }

  /** The chunks of a tenant as they are now, oldest first; later changes do not touch the answer. */
  of(tenant: string): readonly Chunk[] {
    return this.#held.filter(({ chunk }) => chunk.tenant === tenant).map(({ chunk }) => chunk);
  }

  /** Of every tenant. */
  all(): readonly Chunk[] {
    return this.#held.map(({ chunk }) => chunk);
  }

  #bytesOf({ payload, rows }: Chunk): number {
    return payload.length + rows * this.#columnBytes;
  }
}
