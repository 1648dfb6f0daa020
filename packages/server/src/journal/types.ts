/** Rows of one table, one tenant and one UTC day, in the engine's RowBinary. */
export interface Frame {
  readonly table: string;
  readonly schemaVersion: number;
  readonly tenant: string;
  /** Days since the Unix epoch. */
  readonly day: number;
  readonly rows: number;
  readonly payload: Uint8Array;
}

/** Position of a request in the journal; rises strictly. */
export type Position = number;

/**
 * The durable journal between doors and engine. All frames of one `append` become durable together or not at all.
 */
export interface Journal {
  /**
   * Resolves once the frames are fsynced (group commit): the caller may then acknowledge. Rejects with
   * `journalErrors` full (429/503 with Retry-After), failed (fsync or write error: nothing of it counts), stopped.
   */
  append(frames: readonly Frame[]): Promise<Position>;
  /** Everything at or below this position is in the engine (or quarantined). */
  flushedPosition(): Position;
  /** Called after each flush round with the new flushed position. Returns the unsubscribe. */
  onFlushed(listener: (position: Position) => void): () => void;
  /** At start, before the doors open: every acknowledged frame that is not yet flushed, in order. */
  replay(consume: (frame: Frame, position: Position) => void): Promise<void>;
  /** Unflushed bytes and the limit at which `append` refuses. */
  pressure(): { readonly bytes: number; readonly limit: number; readonly oldestAgeMs: number };
}
