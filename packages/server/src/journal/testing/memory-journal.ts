import { journalErrors } from '../errors.ts';
import type { Frame, Journal, JournalPressure, Position } from '../types.ts';

/** A journal without a disk, for tests of slices: appends resolve at once, flushes and failures happen on command. */
export interface MemoryJournal extends Journal {
  readonly appended: readonly { readonly position: Position; readonly frames: readonly Frame[] }[];
  /** Says that everything up to the position (default: all) is in the engine. */
  flush(upTo?: Position): void;
  /** The next appends reject with this until cleared by null. */
  failWith(name: 'full' | 'failed' | 'stopped' | null): void;
}

export function createMemoryJournal(replayed: readonly (readonly Frame[])[] = []): MemoryJournal {
  const appended: { position: Position; frames: readonly Frame[] }[] = [];
  const listeners = new Set<(position: Position) => void>();
  let flushed = 0;
  let failure: 'full' | 'failed' | 'stopped' | null = null;
  const add = (frames: readonly Frame[]): Position => {
    const position = appended.length + 1;
    appended.push({ position, frames: frames.map((f) => ({ ...f, payload: Uint8Array.from(f.payload) })) });
    return position;
  };
  for (const frames of replayed) add(frames);
  const waiting = () => appended.filter((a) => a.position > flushed).flatMap((a) => a.frames);
  const pressure = (): JournalPressure => ({
    bytes: waiting().reduce((sum, f) => sum + f.payload.length, 0),
    rows: waiting().reduce((sum, f) => sum + f.rows, 0),
    limit: Number.MAX_SAFE_INTEGER,
    oldestAgeMs: 0,
    closed: null,
  });
  return {
    appended,
    append: async (frames) => {
      if (failure !== null) throw journalErrors.make(failure, `memory journal: ${failure}`);
      return add(frames);
    },
    flushedPosition: () => flushed,
    onFlushed: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    replay: async (consume) => {
      for (const { position, frames } of appended)
        if (position > flushed) for (const frame of frames) consume(frame, position);
    },
    pressure,
    flush: (upTo = appended.length) => {
      flushed = upTo;
      for (const listener of listeners) listener(upTo);
    },
    failWith: (name) => {
      failure = name;
    },
  };
}
