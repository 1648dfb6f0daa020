/** Rows of one table, one tenant and one UTC day, as the engine takes them: in RowBinary, or packed. */
export interface Frame {
  readonly table: string;
  /** Which columns the rows have, and how they are written. */
  readonly schemaVersion: number;
  readonly tenant: string;
  /** Days since the Unix epoch. */
  readonly day: number;
  readonly rows: number;
  readonly payload: Uint8Array;
}

/** Position of a request in the journal; rises strictly, also over restarts. Refused requests leave gaps. */
export type Position = number;

/**
 * The durable journal between doors and engine. All frames of one `append` become durable together or not at all.
 */
export interface Journal {
  /**
   * Resolves once the frames are fsynced (group commit): the caller may then acknowledge. Payloads must not change
   * until then; afterwards the caller may reuse them. Rejects with a `journalErrors` entry: full (503 with
   * Retry-After), failed (fsync or write error: nothing of it counts), stopped, tooLarge, invalid. With patience it may wait
   * that long, in ms, for others to become durable with: who sends on a timer needs no answer at once, and each fsync costs.
   */
  append(frames: readonly Frame[], patienceMs?: number): Promise<Position>;
  /** Everything at or below this position is in the engine (or quarantined). */
  flushedPosition(): Position;
  /** Called after each flush round with the new flushed position. Returns the unsubscribe. */
  onFlushed(listener: (position: Position) => void): () => void;
  /**
   * At start, before the doors open: every acknowledged frame that is not yet flushed, in order. A frame's payload
   * is only valid during the call: copy what must stay.
   */
  replay(consume: (frame: Frame, position: Position) => void): Promise<void>;
  /** Unflushed bytes and the limit at which `append` refuses. */
  pressure(): JournalPressure;
}

export interface JournalPressure {
  readonly bytes: number;
  readonly limit: number;
  readonly rows: number;
  /** How long the oldest unflushed request has been waiting; 0 when nothing waits. */
  readonly oldestAgeMs: number;
  /** Why the disk took nothing when it was last asked, in words, or null. */
  readonly closed: string | null;
}

/** What the flusher takes out of the journal in one round: whole requests, in order. */
export interface Cut {
  readonly frames: readonly CutFrame[];
  /** The last request of the cut. */
  readonly upTo: Position;
  readonly bytes: number;
  /** Set for requests found at start: an insert of theirs may have been under way when the process died. */
  readonly recovered: boolean;
}

export interface CutFrame extends Frame {
  readonly position: Position;
  /** Its number within the request. */
  readonly index: number;
}

export interface CutLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** The journal's other side, for the flusher alone. */
export interface FlushSource {
  /** The oldest unflushed requests up to the limits (at least one), or null when nothing waits. Its bytes are valid until the next one. */
  readCut(limits: CutLimits): Promise<Cut | null>;
  /** Records durably that everything up to here is in the engine, frees the space, and tells the listeners. */
  markFlushed(cut: Cut): Promise<void>;
  /** Called after each group commit, with the rows and bytes that now wait. Returns the unsubscribe. */
  onCommitted(listener: (pressure: JournalPressure) => void): () => void;
  pressure(): JournalPressure;
}

/**
 * A second reader of the journal, beside the flusher: what it has not let go of stays on disk after it is in the engine, up to
 * `retainBytes` over all readers; beyond that the oldest goes, and the reader is told.
 */
export interface JournalFollower {
  /**
   * The requests after the last ones read, in order, up to about the limits (at least one); given `upTo`, exactly those at or below
   * it, whatever the limits. Null when there are none now.
   */
  next(limits: CutLimits, upTo?: Position): Promise<Followed | null>;
  /** The next reading begins again after what was let go of. */
  rewind(): void;
  /** Lets go of everything at or below the position. */
  release(upTo: Position): void;
  close(): void;
}

export interface Followed {
  readonly frames: readonly CutFrame[];
  readonly upTo: Position;
  /** Whether requests before these are gone, because too much was kept. */
  readonly skipped: boolean;
}

/** An open journal. `close` refuses new appends, lets the running commit end, and closes the files; unflushed data stays. */
export interface OpenJournal extends Journal, FlushSource {
  /** Reads on after a position, which may be from an earlier process. */
  follow(after: Position): JournalFollower;
  close(): Promise<void>;
  /** What opening found. */
  readonly recovery: RecoveryReport;
}

export interface RecoveryReport {
  readonly segments: number;
  readonly requests: number;
  readonly frames: number;
  readonly rows: number;
  /** Bytes after the last good request, cut off: writes that were never acknowledged. */
  readonly tornBytes: number;
  /** Files and byte ranges that could not be read and were moved to quarantine. */
  readonly quarantined: number;
}
