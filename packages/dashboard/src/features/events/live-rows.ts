import type { EventEntry } from './contracts.ts';

/** Rows that came live and are shown above the stored ones; beyond, the list is read from the store again. */
export const MOST_LIVE = 2000;

/** What came since the list was read. */
export interface LiveRows {
  /** The newest first. */
  readonly shown: readonly EventEntry[];
  /** Came while the reader looked at something that must not move; the newest first. */
  readonly held: readonly EventEntry[];
  /** Events that came so fast that the stream only counted them. */
  readonly leftOut: number;
}

export const NO_LIVE: LiveRows = { shown: [], held: [], leftOut: 0 };

/** Takes in what one message brought, oldest first. */
export function arrived(
  live: LiveRows,
  events: readonly EventEntry[],
  { leftOut, isHeld }: { readonly leftOut: number; readonly isHeld: boolean },
): LiveRows {
  if (events.length === 0 && leftOut === 0) return live;
  const newest = events.toReversed();
  const more = { leftOut: live.leftOut + leftOut };
  if (isHeld) return { ...live, ...more, held: [...newest, ...live.held].slice(0, MOST_LIVE) };
  return { shown: [...newest, ...live.held, ...live.shown], held: [], ...more };
}

/** Lets in what waited. */
export function released({ shown, held, leftOut }: LiveRows): LiveRows {
  return { shown: [...held, ...shown], held: [], leftOut };
}

/** Live rows above stored ones, each event once; `known` are the ids of the stored ones. */
export function joined(
  live: readonly EventEntry[],
  stored: readonly EventEntry[],
  known: ReadonlySet<string>,
): readonly EventEntry[] {
  if (live.length === 0) return stored;
  return [...live.filter(({ id }) => !known.has(id)), ...stored];
}
