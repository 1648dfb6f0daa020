import type { Identities } from '../kernel/identities.ts';
import type { RowChunk } from './chunks.ts';
import type { PendingRows } from './pending.ts';
import type { Frame, Journal, Position } from './types.ts';

export interface DurableRowsDeps<Chunk extends RowChunk> {
  readonly journal: Pick<Journal, 'append'>;
  readonly identities: Identities;
  readonly pending: PendingRows<Chunk>;
  /** What makes each row of a chunk the same as another, see {@link Identities}. */
  readonly identitiesOf: (chunk: Chunk) => Uint32Array;
  /** The chunk without some of its rows. */
  readonly without: (chunk: Chunk, dropped: ReadonlySet<number>) => Chunk;
  readonly frameOf: (chunk: Chunk) => Frame;
  /** Told of what became durable for the first time, in order. */
  readonly onStored: (chunk: Chunk) => void;
}

/** What goes into the journal together with rows. */
export interface Beside {
  readonly frames: readonly Frame[];
  /** Called once they are durable. */
  readonly stored?: () => void;
}

export interface StoredRows {
  readonly stored: number;
  /** Rows that are there already: accepted, not stored twice. */
  readonly duplicates: number;
}

/**
 * Rows of a request become durable once: those that are there already are left out, those whose twins are on their way wait for what
 * becomes of them, all others are in the journal and in memory when it is done.
 */
export class DurableRows<Chunk extends RowChunk> {
  readonly #deps: DurableRowsDeps<Chunk>;

  constructor(deps: DurableRowsDeps<Chunk>) {
    this.#deps = deps;
  }

  /**
   * Stores what is fresh, with the frames that `beside` gives for it: all or nothing. Rejects with a journal error when nothing was
   * stored.
   */
  async store(chunks: readonly Chunk[], beside: (fresh: readonly Chunk[]) => Beside): Promise<StoredRows> {
    const { identities, identitiesOf, without } = this.#deps;
    const claim = await identities.claim(chunks.map(identitiesOf));
    try {
      const fresh = chunks
        .map((chunk, i) => {
          const dropped = claim.duplicates[i];
          return dropped === undefined || dropped.size === 0 ? chunk : without(chunk, dropped);
        })
        .filter(({ rows }) => rows > 0);
      await this.#append(fresh, beside(fresh));
      claim.settle(true);
      return {
        stored: fresh.reduce((sum, { rows }) => sum + rows, 0),
        duplicates: claim.duplicates.reduce((sum, { size }) => sum + size, 0),
      };
    } catch (error) {
      claim.settle(false);
      throw error;
    }
  }

  /** Rows that an earlier process made durable and that are not in the engine yet. */
  restore(chunk: Chunk, position: Position): void {
    const { pending, identities, identitiesOf } = this.#deps;
    pending.add(chunk, position);
    identities.learn(identitiesOf(chunk));
  }

  async #append(fresh: readonly Chunk[], { frames, stored }: Beside): Promise<void> {
    const { journal, pending, frameOf, onStored } = this.#deps;
    const all = [...frames, ...fresh.map(frameOf)];
    if (all.length === 0) return;
    const position = await journal.append(all);
    stored?.();
    for (const chunk of fresh) {
      pending.add(chunk, position);
      onStored(chunk);
    }
  }
}
