import type { LogLine } from './lines.ts';

/** Rows that the live view shows at most; older ones go. */
export const MOST_SHOWN = 5000;
/** Rows that wait at most while the reader holds the view; the oldest of them go. Fewer than are shown: what was held is joined to them. */
export const MOST_HELD = 4000;

/** A line, or a word in its place about lines that are not there. */
type TailRow =
  | { readonly id: number; readonly line: LogLine }
  | { readonly id: number; readonly note: string };

/** What a live view has: bounded, however fast lines come and however long it is held. */
export interface TailBuffer {
  /** In the order in which they came, the newest last. */
  readonly shown: readonly TailRow[];
  /** Came while the reader held the view. */
  readonly held: readonly TailRow[];
  /** Lines that came while the view was held and had to go. */
  readonly let: number;
  readonly isHeld: boolean;
  /** Lines that came, all in all. */
  readonly received: number;
  readonly nextId: number;
}

export const EMPTY_TAIL: TailBuffer = {
  shown: [],
  held: [],
  let: 0,
  isHeld: false,
  received: 0,
  nextId: 0,
};

/** What came: lines, each preceded by what is to be said before them. */
export type Arrival = LogLine | string;

function isLine(row: TailRow): boolean {
  return 'line' in row;
}

/** Appends what came; a view that is held does not change, but for how much waits. */
export function arrived(buffer: TailBuffer, arrivals: readonly Arrival[]): TailBuffer {
  if (arrivals.length === 0) return buffer;
  const rows = arrivals.map((arrival, index): TailRow => {
    const id = buffer.nextId + index;
    return typeof arrival === 'string' ? { id, note: arrival } : { id, line: arrival };
  });
  const base = {
    ...buffer,
    nextId: buffer.nextId + rows.length,
    received: buffer.received + rows.filter(isLine).length,
  };
  if (!buffer.isHeld) return { ...base, shown: [...buffer.shown, ...rows].slice(-MOST_SHOWN) };
  const held = [...buffer.held, ...rows];
  const gone = held.slice(0, Math.max(0, held.length - MOST_HELD));
  return { ...base, held: held.slice(gone.length), let: buffer.let + gone.filter(isLine).length };
}

/** Stops the view where it is, or lets in what waited. */
export function hold(buffer: TailBuffer, isHeld: boolean): TailBuffer {
  if (buffer.isHeld === isHeld) return buffer;
  if (isHeld) return { ...buffer, isHeld };
  const lost: readonly TailRow[] =
    buffer.let === 0
      ? []
      : [{ id: buffer.nextId, note: `Not shown: ${count(buffer.let)} that came while this was held` }];
  return {
    ...buffer,
    isHeld,
    held: [],
    let: 0,
    nextId: buffer.nextId + lost.length,
    shown: [...buffer.shown, ...lost, ...buffer.held].slice(-MOST_SHOWN),
  };
}

/** Takes away what is shown; what waits stays. */
export function cleared(buffer: TailBuffer): TailBuffer {
  return { ...buffer, shown: [] };
}

/** Lines that wait, those that had to go among them. */
export function waitingOf({ held, let: gone }: TailBuffer): number {
  return held.filter(isLine).length + gone;
}

export function count(lines: number, what = 'line'): string {
  return `${lines.toLocaleString('en')} ${what}${lines === 1 ? '' : 's'}`;
}
