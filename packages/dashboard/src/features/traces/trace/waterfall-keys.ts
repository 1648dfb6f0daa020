import { useState } from 'react';
import { useHotkeys } from '../../../keys/hotkeys.tsx';
import { placeOf } from '../model/rows.ts';
import type { Trace } from '../model/trace.ts';

/** Shows one level of the tree more or less. */
export function useLevels(trace: Trace, toLevel: (level: number) => void): (by: 1 | -1) => void {
  const [level, setLevel] = useState(Number.POSITIVE_INFINITY);
  return (by) => {
    let deepest = 0;
    for (let row = 0; row < trace.loaded; row++) deepest = Math.max(deepest, trace.depth[row]);
    const next = Math.max(0, Math.min(level, deepest) + by);
    const shown = next >= deepest ? Number.POSITIVE_INFINITY : next;
    setLevel(shown);
    toLevel(shown);
  };
}

interface WaterfallKeys {
  readonly trace: Trace;
  /** Those shown, ascending. */
  readonly rows: Int32Array;
  /** The row the keys are at, -1 for none. */
  readonly cursor: number;
  readonly collapsed: ReadonlySet<number>;
  readonly set: (row: number, closed: boolean) => void;
  /** Goes to a place among the rows shown. */
  readonly go: (place: number) => void;
  readonly enter: () => void;
  /** Rows in sight. */
  readonly page: () => number;
  readonly changeLevel: (by: 1 | -1) => void;
  readonly showAll: () => void;
}

/** The keys of a tree (WAI-ARIA's), and those of levels and time. */
export function useWaterfallKeys(keys: WaterfallKeys): void {
  const { trace, rows, cursor, collapsed, set, go, enter, page, changeLevel, showAll } = keys;
  const place = placeOf(rows, cursor);
  const left = (): void => {
    if (cursor >= 0 && trace.children[cursor] > 0 && !collapsed.has(cursor)) set(cursor, true);
    else if (cursor >= 0 && trace.parent[cursor] >= 0) go(placeOf(rows, trace.parent[cursor]));
  };
  const right = (): void => {
    if (cursor >= 0 && collapsed.has(cursor)) set(cursor, false);
    else go(place + 1);
  };
  const next = (): void => go(place + 1);
  const previous = (): void => go(place < 0 ? 0 : place - 1);
  useHotkeys([
    { keys: 'ArrowDown', label: 'Next span', group: 'Lists', run: next },
    { keys: 'ArrowUp', label: 'Previous span', group: 'Lists', run: previous },
    { keys: 'j', label: 'Next span', group: 'Lists', run: next },
    { keys: 'k', label: 'Previous span', group: 'Lists', run: previous },
    { keys: 'ArrowRight', label: 'Expand, or go to the first child', group: 'Lists', run: right },
    { keys: 'ArrowLeft', label: 'Collapse, or go to the parent', group: 'Lists', run: left },
    { keys: 'PageDown', label: 'A page down', group: 'Lists', run: () => go(place + page()) },
    { keys: 'PageUp', label: 'A page up', group: 'Lists', run: () => go(place - page()) },
    { keys: 'Home', label: 'First span', group: 'Lists', run: () => go(0) },
    { keys: 'End', label: 'Last span', group: 'Lists', run: () => go(rows.length - 1) },
    { keys: 'Enter', label: 'Open or close the span', group: 'Lists', run: enter },
    { keys: '+', label: 'One level more', group: 'Page', run: () => changeLevel(1) },
    { keys: '-', label: 'One level less', group: 'Page', run: () => changeLevel(-1) },
    { keys: '0', label: 'The whole time of the trace', group: 'Page', run: showAll },
  ]);
}
